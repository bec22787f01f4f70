"""What tables measure by: a server that runs, loads on it, events published meanwhile."""

import contextlib
import functools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from subjects import BINARY, LOAD_CORE, EventStreams, Floor, Nchan, event

# In the order in which they take turns.
SERVERS = [Floor, Nchan, EventStreams]
TRIES = 4
# Of the events asked for in a measurement, so many came within it: else what was measured is another rate.
HELD = 0.95
# Seconds.
LONGEST = 600
# In the first second of a thousand clients the kernel makes their sockets' memory, and an event takes several times as long.
WARM_UP = 1


class Lossy(Exception):
    """A server did not do its work: its numbers mean nothing."""


class Disturbed(Exception):
    """Clients were not served in time, which a machine with too much else to do explains."""


class Load:
    """Our load tool on the other core, beside what else goes on: ended when told to, or at the latest after a while."""

    def __init__(self, subject, url, *options, niceness=0):
        self.subject = subject
        if "--seconds" not in options:
            options = ("--seconds", LONGEST, *options)
        command = [
            "nice", "-n", niceness, "taskset", "-c", LOAD_CORE, BINARY, "bench", "--json", "--pid", subject.pid,
            *options, url]
        # The files can't fill up and stop it, as pipes could.
        self.output, self.errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.errors)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.output.close()
        self.errors.close()

    def opened(self, timeout=120):
        """Waits until every client was answered, with a stream or without."""
        deadline = time.monotonic() + timeout
        while b"clients connected" not in self.read(self.errors):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Disturbed(self.told())
            time.sleep(0.002)
        return self

    def end(self):
        """Has it measure no more, and returns its result."""
        self.process.send_signal(signal.SIGTERM)
        return self.result(60)

    def result(self, timeout=LONGEST + 60):
        self.process.wait(timeout)
        text = self.read(self.output)
        if not text:
            raise Lossy(self.told())
        result = json.loads(text)
        if any(result["checked"][fault] for fault in ("lost", "repeated", "disordered")):
            raise Lossy(self.told())
        if not result["good"]:
            raise Disturbed(self.told())
        return result

    def told(self):
        return f"{self.subject.name}: {self.read(self.output)[:2000].decode()} {self.read(self.errors)[-1000:].decode()}"

    @staticmethod
    def read(file):
        size = os.fstat(file.fileno()).st_size
        return os.pread(file.fileno(), size, 0)


def bench(subject, url, *options, timeout=LONGEST):
    """Runs our load tool on the other core and returns its result."""
    with Load(subject, url, *options) as load:
        return load.result(timeout)


def undisturbed(measure):
    """A measurement that was disturbed is taken again, a few times."""
    @functools.wraps(measure)
    def again(*arguments, **options):
        for left in reversed(range(TRIES)):
            try:
                return measure(*arguments, **options)
            except Disturbed as disturbance:
                if not left:
                    raise
                print(f"measuring again: {disturbance}", file=sys.stderr)
        raise AssertionError

    return again


@contextlib.contextmanager
def running(kind, **settings):
    with tempfile.TemporaryDirectory(prefix="eventstreams-benchmark-") as directory, kind(directory, **settings) as subject:
        yield subject


def processor_seconds(process):
    """What a process has used, by its clock (clock_getcpuclockid(3)): all its threads, user and system."""
    return time.clock_gettime(~process << 3 | 2)


def descriptors(process):
    # From Linux 6.2 on the directory's size is their number, which costs nothing to ask.
    return os.stat(f"/proc/{process}/fd").st_size or len(os.listdir(f"/proc/{process}/fd"))


class Publisher:
    """Publishes events at a steady rate from a thread, until it is told to end. An event's time is when it was due: what a
    server takes to answer delays the next one, and would else be in no figure."""

    def __init__(self, subject, rate, make=event):
        self.subject, self.rate, self.make = subject, rate, make
        self.ending = threading.Event()
        # Seconds that each took to be answered.
        self.answers = []
        self.failure = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        began, began_clock, number = time.monotonic(), time.time(), 0
        try:
            while not self.ending.wait(max(0, began + number / self.rate - time.monotonic())):
                text = self.make(number, due=began_clock + number / self.rate)
                posted = time.monotonic()
                self.subject.publish(text)
                self.answers.append(time.monotonic() - posted)
                number += 1
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(60)
        if self.failure:
            raise self.failure


def latencies(result):
    """In milliseconds: until clients had read events, and until the kernel had them for the clients."""
    if not result["latency_ms"] or not result["arrival_ms"]:
        raise Disturbed("no event came in time")
    return {
        "p50": result["latency_ms"]["p50"], "p99": result["latency_ms"]["p99"],
        "arrival_p50": result["arrival_ms"]["p50"], "arrival_p99": result["arrival_ms"]["p99"]}


@undisturbed
def fan_out(kind, *, clients, rate, seconds, make=event, options=()):
    """Live events to many clients. A measurement in which the rate could not be held is taken again, a few times."""
    for _ in range(TRIES):
        with running(kind) as subject, \
                Load(subject, subject.url, "--clients", clients, "--warm-up", WARM_UP, "--seconds", seconds, *options) as load:
            load.opened()
            with Publisher(subject, rate, make) as publisher:
                result = load.result(WARM_UP + seconds + 120)
        share = result["events"] / (clients * rate * result["seconds"])
        if share > HELD:
            break
        print(f"{kind.name} sent only {share:.0%} of the events in time", file=sys.stderr)
    return latencies(result) | {
        "cpu": result["server"]["cpu_us_per_event"],
        "busy": result["server"]["cpu_seconds"] / result["seconds"],
        "tool": result["own"]["cpu_us_per_event"],
        "bytes": result["bytes"] / result["events"],
        "share": share,
        "answered_p50": statistics.median(publisher.answers) * 1000,
    }
