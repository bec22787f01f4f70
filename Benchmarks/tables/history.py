"""A backlog that clients ask for at once, from memory and from the disk."""

import collections
import time

from measures import Lossy, bench, running, undisturbed
from report import numbers, spread, table
from subjects import EventStreams


@undisturbed
def history(place, *, clients, events):
    """Clients that ask for all of a backlog at once, served from memory (`tail`) or from the disk (`log`)."""
    tail = {"tail": "1GiB", "log": "1MiB"}[place]
    settings = {"streaming.tail_bytes": tail, "streaming.ring_bytes": "1MiB"}
    with running(EventStreams, **settings) as subject:
        subject.load(events)
        # In the tail it must be, or out of it.
        time.sleep(1)
        result = bench(
            subject, f"{subject.url}?since=PT1H&limit={events}", "--clients", clients, "--seconds", 300, "--from-start",
            "--timestamp-field", "none")
    if result["events"] != clients * events:
        raise Lossy(f"{result['events']} events of {clients * events}")
    return {
        "per_core": result["events"] / result["server"]["cpu_seconds"],
        "per_second": result["events_per_second"],
        "tool": result["own"]["cpu_us_per_event"],
    }


def measure(s, say):
    results = collections.defaultdict(list)
    for number in range(min(3, s["rounds"])):
        for place in ("tail", "log"):
            for clients in (100, 1):
                result = history(place, clients=clients, events=s["events"])
                say(f"history {number + 1}: {clients} from the {place}, {result['per_core']:.0f} events a second of a core")
                results["memory (the tail)" if place == "tail" else "the log", clients].append(result)
    return results


def section(results, s):
    rows = [
        [f"{clients} client{'s' if clients > 1 else ''}, from {where}", spread(numbers(rounds, "per_core"), 0),
         spread(numbers(rounds, "per_second"), 0), spread(numbers(rounds, "tool"))]
        for (where, clients), rounds in results.items()
    ]
    return f"""
## History: {s['events']:,} events asked for at once

Each client asks for all of them. "A core" counts events by the server's CPU seconds, "a second" by the clock. The floor and
Nchan have no history to compare with: Nchan keeps messages in memory only.

{table(['load', 'events a second of a core', 'events a second', "load tool's us an event"], rows)}
"""
