"""What an event costs on its way in: one loop, the log on the disk, acknowledged."""

import itertools
import json
import os
import time

from measures import Load, processor_seconds, running
from report import aims, numbers, spread, table
from subjects import STREAM, EventStreams, event, post, recorded_events

BATCH = 100
# Clients who listen, where what a live event costs beside them is measured.
CLIENTS = 100
# Events a second, one a request.
RATE = 50


def microseconds(subject, bodies, events):
    """CPU time of the server's process an event."""
    post(subject.intake, "/v1/events", next(bodies), (201,))
    began = processor_seconds(subject.pid)
    for _ in range(events[0]):
        post(subject.intake, "/v1/events", next(bodies), (201,))
    # Until the last one is ready for clients.
    time.sleep(0.2)
    return (processor_seconds(subject.pid) - began) * 1e6 / (events[0] * events[1])


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
    batches = ["[" + ",".join(make(start + number) for number in range(BATCH)) + "]" for start in range(0, events, BATCH)]
    singles = [make(number) for number in range(events // 10)]
    results = []
    for number in range(s["few"]):
        with running(EventStreams) as subject:
            result = {
                "batches": microseconds(subject, itertools.cycle(batches), (len(batches) - 1, BATCH)),
                "singles": microseconds(subject, itertools.cycle(singles), (len(singles) - 1, 1)),
                "beside": live(subject, make, s["seconds"] / 2),
            }
        say(f"intake {number + 1}: {result['batches']:.1f} us in batches, {result['singles']:.0f} us one a request, "
            f"{result['beside']:.0f} us beside the loop")
        results.append(result)
    size = sum(len(json.dumps(json.loads(text), separators=(",", ":"))) for text in singles) / len(singles)
    return results, size


def section(results, s):
    results, size = results
    rows = [
        [name, spread(numbers(results, what), digits)]
        for name, what, digits in ((f"batches of {BATCH}", "batches", 1), ("one a request", "singles", 0),
                                   (f"one a request, the threads beside the loop alone, {CLIENTS} clients", "beside", 0))]
    return f"""
## Intake: events of {size:,.0f} bytes, on the disk

All of the server's process: reading, checking, storing with the commit on the disk, answering, making ready for `{STREAM}`'s
clients, of whom there are none but in the last row. Microseconds of CPU time an event:

{table(["how they come", "median (least to most)"], rows)}

{aims((f"at most 12 µs in batches of {BATCH}", numbers(results, "batches"), lambda time: time <= 12, 1),
      ("at most 150 µs one a request", numbers(results, "singles"), lambda time: time <= 150, 0))}
"""
