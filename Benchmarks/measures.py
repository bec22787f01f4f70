"""What tables measure by: a server that runs, a load on it, events published meanwhile."""

import contextlib
import functools
import json
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


class Lossy(Exception):
    """A server did not do its work: its numbers mean nothing."""


class Disturbed(Exception):
    """Clients were not served in time, which a machine with too much else to do explains."""


def bench(subject, url, *options, timeout=600):
    """Runs our load tool on the other core and returns its result."""
    command = ["taskset", "-c", LOAD_CORE, BINARY, "bench", "--json", "--pid", subject.pid, *options, url]
    done = subprocess.run(list(map(str, command)), capture_output=True, timeout=timeout)
    what = f"{subject.name}: {done.stdout.decode()[:2000]} {done.stderr.decode()[-1000:]}"
    if not done.stdout:
        raise Lossy(what)
    result = json.loads(done.stdout)
    if any(result["checked"][fault] for fault in ("lost", "repeated", "disordered")):
        raise Lossy(what)
    if not result["good"]:
        raise Disturbed(what)
    return result


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


class Publisher:
    """Publishes events at a steady rate from a thread, until it is told to end."""

    def __init__(self, subject, rate, make=event):
        self.subject, self.rate, self.make = subject, rate, make
        self.ending = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        began, number = time.monotonic(), 0
        try:
            while not self.ending.wait(max(0, began + number / self.rate - time.monotonic())):
                self.subject.publish(self.make(number))
                number += 1
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(60)
        if self.failure:
            raise self.failure


@undisturbed
def fan_out(kind, *, clients, rate, seconds, make=event, options=()):
    """Live events to many clients. A measurement in which the rate could not be held is taken again, a few times."""
    for _ in range(TRIES):
        with running(kind) as subject, Publisher(subject, rate, make):
            result = bench(subject, subject.url, "--clients", clients, "--seconds", seconds, *options)
        share = result["events"] / (clients * rate * result["seconds"])
        if share > HELD:
            break
        print(f"{kind.name} sent only {share:.0%} of the events in time", file=sys.stderr)
    return {
        "cpu": result["server"]["cpu_us_per_event"],
        "p50": result["latency_ms"]["p50"],
        "p99": result["latency_ms"]["p99"],
        "tool": result["own"]["cpu_us_per_event"],
        "bytes": result["bytes"] / result["events"],
        "share": share,
    }
