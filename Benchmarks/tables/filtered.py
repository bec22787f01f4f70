"""Clients with filters: what it costs when each has its own."""

import json
import resource
import selectors
import socket
import time
import urllib.parse
from pathlib import Path

from measures import Disturbed, processor_seconds, running
from report import aims, numbers, spread, table
from subjects import STREAM, EventStreams, event

# How many events are published; each client gets one in `clients` of them.
SHARE = 20
BATCH = 250
PATIENCE = 60
# How many clients wait, each with a filter, where their memory is measured: nearly as many as a server has room for where its limit
# of descriptors is 20,000, and its other ports need few of them.
WAITING = 19_500
FEW_OTHERS = {"intake.max_connections": 20, "admin.max_connections": 20}
# Events that come to those who wait: each is for one client, where each has its own filter.
COMING = 2_000


class Clients:
    """Clients that only count the events they get, by one thread."""

    def __init__(self, subject, filters):
        self.selector = selectors.DefaultSelector()
        self.counts = [0] * len(filters)
        self.heads = 0
        for number, text in enumerate(filters):
            connection = socket.create_connection(("127.0.0.1", subject.port))
            query = urllib.parse.urlencode({"filter": text, "heartbeat": 60})
            connection.sendall(f"GET /v2/stream/{STREAM}?{query} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ, number)

    def read(self, is_done):
        deadline = time.monotonic() + PATIENCE
        while not is_done():
            if time.monotonic() > deadline:
                raise Disturbed(f"of {len(self.counts)} clients {self.heads} are served, and they got {sum(self.counts)} events")
            for key, _ in self.selector.select(1):
                data = key.fileobj.recv(1 << 20)
                if not data:
                    raise Disturbed("a client was cut off")
                self.heads += data.count(b":ok\n")
                self.counts[key.data] += data.count(b"event: message\n")

    def close(self):
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


def filters(kind, clients):
    """One filter for all, or one for each; each holds for one event in `clients`."""
    return [f"group == {number if kind == 'own' else 0} && !canary" for number in range(clients)]


def make(number, clients):
    """An event's text. Its group says whom it is for."""
    return json.dumps(json.loads(event(number)) | {"group": number % clients})


def cost(kind, clients, delivered):
    """Microseconds of CPU time of the server for each event that a client gets, with what it takes to store and filter them all."""
    with running(EventStreams) as subject:
        reading = Clients(subject, filters(kind, clients))
        try:
            reading.read(lambda: reading.heads == clients)
            before = processor_seconds(subject.pid)
            for start in range(0, clients * SHARE, BATCH):
                subject.publish("[" + ",".join(make(number, clients) for number in range(start, start + BATCH)) + "]")
                # As the events come, not all at the end.
                expected = sum(1 for number in range(start + BATCH) if kind == "own" or number % clients == 0)
                expected *= 1 if kind == "own" else clients
                reading.read(lambda: sum(reading.counts) >= expected)
            used = processor_seconds(subject.pid) - before
            if sum(reading.counts) != delivered or len(set(reading.counts)) != 1:
                raise Disturbed(f"{sum(reading.counts)} events came instead of {delivered}")
            return used / delivered * 1e6
        finally:
            reading.close()


def resident(pid):
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def waiting(kind):
    """Resident memory of the server for each client that waits with a filter, and the events that these clients then get."""
    with running(EventStreams, **FEW_OTHERS) as subject:
        # What the first clients bring along is not the next ones'.
        first = Clients(subject, filters("one", 100))
        reading = None
        try:
            first.read(lambda: first.heads == 100)
            before = resident(subject.pid)
            reading = Clients(subject, filters(kind, WAITING))
            reading.read(lambda: reading.heads == WAITING)
            held = (resident(subject.pid) - before) / WAITING
            for start in range(0, COMING, BATCH):
                subject.publish("[" + ",".join(make(number, WAITING) for number in range(start, start + BATCH)) + "]")
            # Event number 0 is the one that a filter for all lets through.
            expected = [int(number < COMING) if kind == "own" else 1 for number in range(WAITING)]
            reading.read(lambda: sum(reading.counts) >= sum(expected))
            if reading.counts != expected:
                raise Disturbed("an event came to another client than to its own")
            return {f"{kind} memory": held, f"{kind} came": sum(expected)}
        finally:
            first.close()
            if reading:
                reading.close()


def measure(s, say):
    clients, results = s["clients"], []
    for number in range(s["few"]):
        result = {kind: cost(kind, clients, clients * SHARE) for kind in ("one", "own")}
        result |= waiting("one") | waiting("own")
        say(
            f"filtered {number + 1}: {result['one']:.1f} us with one filter, {result['own']:.1f} us with {clients};"
            f" {result['one memory']:.0f} and {result['own memory']:.0f} bytes a client that waits")
        results.append(result)
    return results


def section(results, s):
    clients = s["clients"]
    for result in results:
        result["times"] = result["own"] / result["one"]
    rows = [[name, spread(numbers(results, kind), 1)] for name, kind in (
        (f"{clients:,} clients with one filter", "one"), (f"{clients:,} clients with {clients:,} filters", "own"))]
    memory = [[name, spread(numbers(results, key), 0)] for name, key in (
        (f"{WAITING:,} clients with one filter", "one memory"), (f"{WAITING:,} clients with {WAITING:,} filters", "own memory"))]
    return f"""
## Clients with filters

{clients * SHARE:,} events are stored and held against the filters; each filter holds for one in {clients:,}, so that as many events are
delivered with one as with many. Microseconds of the server's CPU time for each event that is delivered, with all of that:

{table(["filters", "median (least to most)"], rows)}

{aims(("at most 1.5 times with a filter for each", numbers(results, "times"), lambda times: times <= 1.5, 2))}

Resident memory of the server in bytes for each client that waits (what the kernel keeps for its socket comes on top). Then
{COMING:,} events come: {results[0]["own came"]:,} clients got the one that their own filter lets through, or all {results[0]["one came"]:,} the one of the filter
that they share, and nobody got another:

{table(["filters", "median (least to most)"], memory)}

{aims(("at most 2,048 bytes with a filter of its own", numbers(results, "own memory"), lambda bytes_: bytes_ <= 2048, 0))}
"""
