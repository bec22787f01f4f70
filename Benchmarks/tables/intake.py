"""What an event costs on its way in: one loop, the log on the disk, acknowledged."""

import collections
import concurrent.futures
import http.client
import json
import os
import time

from kafka import KafkaEventStreams, kafka_broker
from measures import Load, processor_seconds, running
from report import aims, numbers, spread, table
from subjects import PATIENCE, STREAM, EventStreams, ValidatingEventStreams, event, post, recorded_events

BATCH = 100
# Who post at once, where several do: batches, and events one by one.
BATCH_POSTERS = 4
POSTERS = 16
# Clients who listen, where what a live event costs beside them is measured.
CLIENTS = 100
# Events a second, one a request.
RATE = 50
# Events that come before it counts: so many that the memory for the newest ones (`streaming.tail_bytes`, here 16 MiB) is full. Until then a
# server takes memory that it has not had before, once in its life.
WARM_UP = 15_000
TAIL = {"streaming.tail_bytes": "16MiB"}
# How events come, by the names of results: a row's name, and digits of its numbers.
WAYS = {
    "batches": (f"batches of {BATCH}, one poster", 1),
    "more_batches": (f"batches of {BATCH}, {BATCH_POSTERS} posters at once", 1),
    "singles": ("one a request, one poster", 0),
    "more_singles": (f"one a request, {POSTERS} posters at once", 0),
}


def microseconds(subject, bodies, events, posters=1):
    """CPU time of the server's process an event.

    bodies -- sent once each, the first ones before it counts; each has so many events that nobody has sent before
    posters -- send at the same time, each over a connection of its own
    """
    connections = [http.client.HTTPConnection(subject.intake.host, subject.intake.port, timeout=PATIENCE) for _ in range(posters)]
    for connection, body in zip(connections, bodies):
        post(connection, "/v1/events", body, (201,))
    bodies = bodies[posters:]

    def send(number):
        for body in bodies[number::posters]:
            post(connections[number], "/v1/events", body, (201,))

    began = processor_seconds(subject.pid)
    with concurrent.futures.ThreadPoolExecutor(posters) as pool:
        list(pool.map(send, range(posters)))
    # Until the last one is ready for clients.
    time.sleep(0.2)
    spent = processor_seconds(subject.pid) - began
    for connection in connections:
        connection.close()
    return spent * 1e6 / (len(bodies) * events)


def beside(subject):
    """CPU seconds of the threads that are no event loops."""
    total = 0
    for thread in os.listdir(f"/proc/{subject.pid}/task"):
        with open(f"/proc/{subject.pid}/task/{thread}/comm", encoding="ascii") as name:
            if name.read().startswith("http-"):
                continue
        with open(f"/proc/{subject.pid}/task/{thread}/schedstat", encoding="ascii") as statistics:
            total += int(statistics.read().split()[0])
    return total / 1e9


def live(subject, make, seconds):
    """Microseconds of the threads beside the loop for a live event."""
    with Load(subject, subject.url, "--clients", CLIENTS) as load:
        load.opened()
        began, start = beside(subject), time.monotonic()
        for number in range(int(RATE * seconds)):
            time.sleep(max(0, start + number / RATE - time.monotonic()))
            post(subject.intake, "/v1/events", make(number), (201,))
        time.sleep(0.2)
        return (beside(subject) - began) * 1e6 / int(RATE * seconds)


def ways(subject, make, events):
    """Microseconds of the server's process for an event, by how they come."""
    def some(count, start=0):
        return [make(number) for number in range(start, start + count)]

    def batches(count=events):
        return ["[" + ",".join(some(BATCH, start)) + "]" for start in range(0, count, BATCH)]

    microseconds(subject, batches(WARM_UP), BATCH)
    return {
        "batches": microseconds(subject, batches(), BATCH),
        "more_batches": microseconds(subject, batches(), BATCH, BATCH_POSTERS),
        "singles": microseconds(subject, some(events // 10), 1),
        "more_singles": microseconds(subject, some(events // 10), 1, POSTERS),
    }


def kinds(recorded, broker):
    """What takes events in, by the names of columns: each with its settings."""
    kinds_ = {"as they come": (EventStreams, {})}
    if recorded and ValidatingEventStreams.schemas.exists():
        kinds_["held against their schema"] = (ValidatingEventStreams, {})
        if broker:
            kinds_["held against their schema, on Kafka"] = (KafkaEventStreams, {"kafka.brokers": broker})
    return kinds_


def measure(s, say):
    recorded = recorded_events()
    make = recorded or event
    results = collections.defaultdict(list)
    with kafka_broker() as broker:
        for number in range(s["few"]):
            for name, (kind, settings) in kinds(recorded, broker).items():
                with running(kind, **TAIL, **settings) as subject:
                    result = ways(subject, make, s["events"] // 5)
                    if kind is EventStreams:
                        result["beside"] = live(subject, make, s["seconds"] / 2)
                told = ", ".join(f"{what} {value:.1f}" for what, value in result.items())
                say(f"intake {number + 1}, {name}: us an event: {told}")
                results[name].append(result)
    sizes = [len(json.dumps(json.loads(make(number)), separators=(",", ":"))) for number in range(s["events"] // 50)]
    return results, sum(sizes) / len(sizes)


def left_out(results):
    """What could not be measured here, in words."""
    if len(results) == 1:
        return ("There are no recorded events with their schemas here (`EVENTSTREAMS_SHARED`), so what holding events against "
                "schemas costs, and intake on Kafka, were not measured.")
    if len(results) == 2:
        return "There is no Kafka here (`kafka` in `EVENTSTREAMS_SHARED`), so intake on Kafka was not measured."
    return ("On Kafka the broker is a process of its own on the other core, one for all; an event is answered when the broker has it, "
            "which syncs nothing. What the broker uses is in no figure.")


def section(results, s):
    results, size = results
    rows = [
        [name, *(spread(numbers(rounds, what), digits) for rounds in results.values())]
        for what, (name, digits) in WAYS.items()]
    # Of the embedded log, with the schemas where they are there.
    name = list(results)[:2][-1]
    own = results[name]
    beside = spread(numbers(results["as they come"], "beside"), 0)
    return f"""
## Intake: events of {size:,.0f} bytes, on the disk

All of the server's process: reading, checking, storing with the commit on the disk, answering, making ready for `{STREAM}`'s
clients, of whom there are none. {WARM_UP:,} events came before. Microseconds of CPU time an event, median (least to most):

{table(["how they come", *results], rows)}

{left_out(results)}

With {CLIENTS} clients, {RATE} events a second, one a request, as they come: {beside} µs an event in the threads beside the loop alone.

A poster that waits for each answer has a commit to itself each time, and what the kernel does for one (its write and sync, the
changes of threads, the request and its answer) takes more than 150 µs alone; posters at once share commits.

The aims hold for events {name}, in the embedded log:

{aims((f"at most 12 µs in batches of {BATCH}, one poster", numbers(own, "batches"), lambda time: time <= 12, 1),
      (f"at most 150 µs one a request, {POSTERS} posters at once", numbers(own, "more_singles"), lambda time: time <= 150, 0),
      ("at most 150 µs one a request, one poster", numbers(own, "singles"), lambda time: time <= 150, 0))}
"""
