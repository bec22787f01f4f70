"""What an event costs for each client in allocations, locks and instructions: counted, not timed."""

import itertools
import os
import shutil
import subprocess

from allocations import clients, counting, instructions
from measures import running
from report import table
from subjects import BINARY, STREAM, EventStreams, event

# A client's heartbeat is no cost of an event.
SETTINGS = {"streaming.heartbeat": "1m"}


class Counted(EventStreams):
    """Our server, its allocations and locks counted."""

    def launch(self, *command, **options):
        self.counts = self.directory / "counts"
        environment = os.environ | counting.environment(counting.build(self.directory), self.counts)
        super().launch(*command, env=environment, **options)


class Watched(EventStreams):
    """Our server in valgrind."""

    def launch(self, *command, **options):
        copy = instructions.prepared(BINARY, self.directory)
        super().launch(*instructions.command(copy, self.directory), *command[1:], **options)


def cost(subject, counted, format, **numbers):
    number = itertools.count()
    return clients.cost(
        counted, lambda: subject.publish(event(next(number))),
        lambda: clients.Client(subject.port, f"/v2/stream/{STREAM}", clients.FORMATS[format]), **numbers)


def in_instructions(format):
    """What `instructions` counts; nothing where valgrind is not there or can't run the server."""
    if not shutil.which("callgrind_control"):
        return None
    try:
        with running(Watched, **SETTINGS) as subject:
            return cost(
                subject, instructions.counted(subject.pid, subject.directory), format, fewer=10, more=210, events=50)[0]
    except (OSError, subprocess.SubprocessError):
        return None


def measure(s, say):
    results = {}
    for format in clients.FORMATS:
        with running(Counted, **SETTINGS) as subject:
            each, beside = cost(
                subject, counting.counted(lambda: counting.counts(subject.pid, subject.counts)), format,
                fewer=20, more=420, events=200)
        results[format] = {"each": each, "beside": beside, "instructions": in_instructions(format)}
        say(f"allocations: {format}, {each['allocations']:.4f} an event and client, beside that {beside['allocations']:.0f}")
    return results


def summed(each, of, is_meant=lambda function: True):
    return sum(number for (kind, function), number in each.items() if kind == of and is_meant(function))


def plain(number, digits=2):
    """Without a sign where nothing is left of it."""
    return f"{round(number, digits) + 0.0:.{digits}f}".replace("-0.00", "0.00")


def section(results, s):
    def in_rows(each):
        if each is None:
            return ["?"] * 4
        return [
            plain(summed(each, "instructions"), 0), plain(summed(each, "atomic", instructions.is_lock)),
            plain(summed(each, "atomic", instructions.COUNTS_OF_REFERENCES.search)),
            plain(summed(each, "atomic", instructions.CANCELLATION.search))]

    rows = [
        [format, *(plain(result["each"][name]) for name in counting.NAMES), *in_rows(result["instructions"])]
        for format, result in results.items()]
    beside = ", ".join(f"{format} {result['beside']['allocations']:.0f}" for format, result in results.items())
    lacking = "" if all(result["instructions"] for result in results.values()) else "\nA question mark: valgrind is not there.\n"
    return f"""
## Allocations and locks of one event for each client more

The same events, one at a time, to a few clients and to hundreds more; what is counted more, by event and client. An
allocation or a lock for each event and client would be a 1. Tasks are allocated, so they are counted there.

{table(["stream", "allocations", "pthread_mutex_lock", "futex calls", "instructions", "atomic, of locks and queues",
        "atomic, of reference counts", "atomic, in glibc's `send`"], rows)}
{lacking}
Counted in the threads that serve clients by [count.c](../Benchmarks/allocations/count.c) and, instruction by instruction, by
valgrind; the kernel's instructions are not in it. A lock that is free is one atomic instruction. Storing and preparing an
event takes allocations of these threads too, once for all clients: {beside}. `Tests/EndToEnd/test_allocations.py` fails where an
allocation or a lock for each client comes in.
"""
