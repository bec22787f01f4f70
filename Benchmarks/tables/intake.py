"""What an event costs on its way in: one loop, the log on the disk, acknowledged."""

import concurrent.futures
import http.client
import json
import os
import time

from measures import Load, processor_seconds, running
from report import aims, numbers, spread, table
from subjects import PATIENCE, STREAM, EventStreams, event, post, recorded_events

BATCH = 100
# Who post at once, where several do: batches, and events one by one.
BATCH_POSTERS = 4
POSTERS = 16
# Clients who listen, where what a live event costs beside them is measured.
CLIENTS = 100
# Events a second, one a request.
RATE = 50


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


def measure(s, say):
    make = recorded_events() or event
    events = s["events"] // 5
    batches, more_batches = (
        ["[" + ",".join(make(start + number) for number in range(BATCH)) + "]" for start in range(0, events, BATCH)]
        for _ in range(2))
    singles, more_singles = ([make(number) for number in range(events // 10)] for _ in range(2))
    results = []
    for number in range(s["few"]):
        with running(EventStreams) as subject:
            result = {
                "batches": microseconds(subject, batches, BATCH),
                "more_batches": microseconds(subject, more_batches, BATCH, BATCH_POSTERS),
                "singles": microseconds(subject, singles, 1),
                "more_singles": microseconds(subject, more_singles, 1, POSTERS),
                "beside": live(subject, make, s["seconds"] / 2),
            }
        say(f"intake {number + 1}: {result['batches']:.1f} us in batches, {result['more_batches']:.1f} of {BATCH_POSTERS} posters, "
            f"{result['singles']:.0f} us one a request, {result['more_singles']:.0f} of {POSTERS} posters, "
            f"{result['beside']:.0f} us beside the loop")
        results.append(result)
    size = sum(len(json.dumps(json.loads(text), separators=(",", ":"))) for text in singles) / len(singles)
    return results, size


def section(results, s):
    results, size = results
    rows = [
        [name, spread(numbers(results, what), digits)]
        for name, what, digits in (
            (f"batches of {BATCH}, one poster", "batches", 1),
            (f"batches of {BATCH}, {BATCH_POSTERS} posters at once", "more_batches", 1),
            ("one a request, one poster", "singles", 0),
            (f"one a request, {POSTERS} posters at once", "more_singles", 0),
            (f"one a request, the threads beside the loop alone, {CLIENTS} clients", "beside", 0))]
    return f"""
## Intake: events of {size:,.0f} bytes, on the disk

All of the server's process: reading, checking, storing with the commit on the disk, answering, making ready for `{STREAM}`'s
clients, of whom there are none but in the last row. Microseconds of CPU time an event:

{table(["how they come", "median (least to most)"], rows)}

A poster that waits for each answer has a commit to itself each time, and what the kernel does for one (its write and sync, the
changes of threads, the request and its answer) takes more than 150 µs alone; posters at once share commits.

{aims((f"at most 12 µs in batches of {BATCH}, one poster", numbers(results, "batches"), lambda time: time <= 12, 1),
      (f"at most 150 µs one a request, {POSTERS} posters at once", numbers(results, "more_singles"), lambda time: time <= 150, 0),
      ("at most 150 µs one a request, one poster", numbers(results, "singles"), lambda time: time <= 150, 0))}
"""
