"""One event loop and two: how much more two carry, and how evenly they share the clients.

There are two cores, and the load needs some of them. So the load tools run beside the server on both cores, with one loop and
with two, and what a loop can carry is told by the CPU that its thread used.
"""

import collections
import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.request

from measures import Disturbed, Lossy, Publisher, undisturbed
from report import aims, numbers, quotients, ratios, spread, table
from subjects import BINARY, SERVER_CORE, LOAD_CORE, EventStreams, environment, event, wait_for

CORES = sorted({int(SERVER_CORE), int(LOAD_CORE)})
PATIENCE = 120
LIVE = ((1000, 40), (100, 100))


class Loops(EventStreams):
    """Our server with so many event loops, on the cores that this process has."""

    def __init__(self, directory, *, loops, binary=BINARY, **settings):
        super().__init__(directory, **settings)
        self.loops = loops
        self.binary = binary

    def launch(self, *command, **options):
        words = list(map(str, command))
        words[words.index("--event-loops") + 1] = str(self.loops)
        options.setdefault("env", environment())
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory, **options)

    def wait_until_ready(self, admin):
        super().wait_until_ready(admin)
        self.admin = admin

    def metric(self, name):
        """The samples of a metric, by what is between its braces."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode()
        return {labels: float(value) for labels, value in re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.M)}

    def connections(self):
        return [int(count) for _, count in sorted(self.metric("eventstreams_loop_connections").items())]

    def seconds(self):
        """CPU of each thread, by name; those of a name together."""
        seconds = collections.Counter()
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # It may be gone.
                seconds[(task / "comm").read_text().strip()] += int((task / "schedstat").read_text().split()[0]) / 1e9
        return seconds


@contextlib.contextmanager
def running(loops, **settings):
    """A server with so many loops, on all cores, which this process and what it starts meanwhile have too."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CORES)
    try:
        with tempfile.TemporaryDirectory(prefix="eventstreams-benchmark-") as directory:
            with Loops(directory, loops=loops, **settings) as subject:
                yield subject
    finally:
        os.sched_setaffinity(0, before)


def until(condition, timeout=PATIENCE):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise Disturbed("what was waited for did not come")
        time.sleep(0.1)


@contextlib.contextmanager
def load(clients, *options):
    """Starts two load tools with half of the clients each. The value returns what they found, once they have ended."""
    command = list(map(str, [BINARY, "bench", "--json", "--clients", clients // 2, "--timestamp-field", "none", *options]))
    tools = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]

    def results():
        found = []
        for tool in tools:
            output, errors = tool.communicate(timeout=PATIENCE)
            found.append(json.loads(output) if output else None)
            if not output or any(found[-1]["checked"][fault] for fault in ("lost", "repeated", "disordered")):
                raise Lossy(f"{output} {errors}")
        if not all(one["good"] for one in found):
            raise Disturbed(str(found))
        return found

    try:
        yield results
    finally:
        for tool in tools:
            tool.kill()
            tool.wait()
            tool.stdout.close()
            tool.stderr.close()


def costs(before, after, events):
    """Microseconds of CPU for an event: of the busiest loop, of all loops, and of the server's other threads."""
    used = {name: (after[name] - before[name]) / events * 1e6 for name in after}
    loops = [spent for name, spent in used.items() if name.startswith("http-")]
    return {
        "busiest": max(loops), "loops": sum(loops), "others": sum(used.values()) - sum(loops), "count": len(loops)}


@undisturbed
def live(loops, *, clients, rate, seconds, binary=BINARY):
    """So many clients, each of which gets every event."""
    with running(loops, binary=binary) as subject, load(clients, "--seconds", seconds + 8, subject.url) as results:
        until(lambda: sum(subject.metric("eventstreams_connected_clients").values()) == clients)
        shares = subject.connections()
        before, began, sent = subject.seconds(), time.monotonic(), 0
        while sent < rate * seconds:
            time.sleep(max(0, began + sent / rate - time.monotonic()))
            subject.publish(event(sent))
            sent += 1
        until(lambda: sum(subject.metric("eventstreams_events_sent_total").values()) >= sent * clients)
        after = subject.seconds()
        results()
    return costs(before, after, sent * clients) | {"shares": shares}


@undisturbed
def history(loops, *, clients, events):
    """So many clients that ask for a backlog in memory."""
    settings = {"streaming.tail_bytes": "1GiB", "streaming.ring_bytes": "1MiB"}
    with running(loops, **settings) as subject:
        subject.load(events)
        time.sleep(1)
        before = subject.seconds()
        target = f"{subject.url}?since=PT1H&limit={events}"
        with load(clients, "--seconds", PATIENCE, "--from-start", target) as results:
            found = sum(one["events"] for one in results())
        after = subject.seconds()
    if found != clients * events:
        raise Lossy(f"{found} events of {clients * events}")
    return costs(before, after, clients * events)


def sharing(clients):
    """How many connections each of two loops has: after so many came, after half of them left, all of one loop's, and
    after as many came anew."""
    with running(2) as subject:
        steps, connections = [], []

        def connect(number):
            for _ in range(number):
                # From several addresses, for one has only so many ports.
                source = (f"127.0.{1 + len(connections) // 5000}.1", 0)
                connections.append(socket.create_connection(("127.0.0.1", subject.port), PATIENCE, source))
                connections[-1].sendall(f"GET {subject.url.partition(str(subject.port))[2]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

        def settled(number):
            until(lambda: sum(subject.metric("eventstreams_connected_clients").values()) == number)
            steps.append(subject.connections())

        try:
            connect(clients)
            settled(clients)
            for connection in connections[::2]:
                connection.close()
            settled(clients - len(connections[::2]))
            connect(clients // 2)
            settled(clients)
        finally:
            for connection in connections:
                connection.close()
    return steps


def measure(s, say):
    costs = {}
    for number in range(min(3, s["rounds"])):
        for loops in (1, 2):
            for clients, rate in LIVE:
                name = f"{clients:,} live clients, {rate} events a second"
                round_ = live(loops, clients=clients, rate=rate, seconds=s["seconds"])
                costs.setdefault(name, {1: [], 2: []})[loops].append(round_)
            name = f"{s['events']:,} events from memory to each of 100 clients"
            round_ = history(loops, clients=100, events=s["events"])
            costs.setdefault(name, {1: [], 2: []})[loops].append(round_)
        for name, rounds in costs.items():
            say(f"loops {number + 1}: {name}, {rounds[1][-1]['busiest'] / rounds[2][-1]['busiest']:.2f} times")
    return {"costs": costs, "sharing": sharing(10_000)}


def full(rounds):
    """Microseconds in which the server alone, on two cores, would get one event done: what its other threads use comes from
    the core that one loop leaves free, and from the loops' own where there are two."""
    return [max(round_["busiest"], (round_["loops"] + round_["others"]) / 2) for round_ in rounds]


def section(results, s):
    rows = []
    for name, rounds in results["costs"].items():
        one, two = rounds[1], rounds[2]
        rows.append([
            name, spread(numbers(one, "busiest")), spread(numbers(two, "busiest")),
            ratios(numbers(one, "busiest"), numbers(two, "busiest")), spread(numbers(one, "others")),
            spread(numbers(two, "others")), ratios(full(one), full(two))])
    reached = [
        (f"two loops carry at least 1.7 times one, {name}", quotients(rounds[1], rounds[2], "busiest"),
         lambda ratio: ratio >= 1.7, 2)
        for name, rounds in results["costs"].items()]
    came, left, again = (" and ".join(f"{count:,}" for count in step) for step in results["sharing"])
    shares = [round_["shares"] for rounds in results["costs"].values() for round_ in rounds[2] if "shares" in round_]
    return f"""
## Several loops: two on two cores, times one

With two cores none is left for the load: two load tools run beside the server on both, with one loop and with two. So
throughput is told by the CPU that each thread of the server used, not by the clock: a loop is full when it uses a whole core.
Two loops have both cores to share with the load tools, and the caches too, where one loop has a core almost to itself; what is
sent from memory feels it most. Microseconds for one event to one client:

{table(["load", "one loop", "two loops: the busier", "throughput, times one loop", "other threads, one loop",
        "other threads, two loops", "throughput, other threads on the two cores too"], rows)}

{aims(*reached)}

The other threads store the events, once each, whatever the number of clients and loops. Loop 0 also takes the events in, which
with few clients is a good part of its work.

Loop 0 accepts, and hands each connection to the loop with the fewest. Of 10,000 connections the loops had {came}; when half of
them had left, all from one loop, {left}; when as many had come again, {again}. In the live measurements their shares differed
by {max(max(share) - min(share) for share in shares)} at most, the publisher's connections counted.
"""
