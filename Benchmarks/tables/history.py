"""A backlog that clients ask for at once, from memory and from the disk, beside the same bytes from a floor."""

import collections
import time

from measures import Lossy, bench, running, undisturbed
from report import aims, numbers, ratios, spread, table
from subjects import EventStreams, Floor

TAIL, LOG, FLOOR = "from memory (the tail)", "from the log", "the same bytes from memory, by the floor"


def taken(result, clients, events):
    if result["events"] != clients * events:
        raise Lossy(f"{result['events']} events of {clients * events}")
    return {
        "cpu": result["server"]["cpu_seconds"],
        "per_core": result["events"] / result["server"]["cpu_seconds"],
        "per_second": result["events_per_second"],
        "tool": result["own"]["cpu_us_per_event"],
        "bytes": result["bytes"] / result["events"],
    }


@undisturbed
def history(place, *, clients, events, kind=EventStreams, make=None, options=()):
    """Clients that ask for all of a backlog at once, and how often blocks of it were read and had from memory."""
    tail = {TAIL: "1GiB", LOG: "1MiB"}[place]
    settings = {"streaming.tail_bytes": tail, "streaming.ring_bytes": "1MiB"}
    with running(kind, **settings) as subject:
        subject.load(events, make)
        # In the tail it must be, or out of it.
        time.sleep(1)
        result = bench(
            subject, f"{subject.url}?since=PT1H&limit={events}", "--clients", clients, "--from-start",
            "--timestamp-field", "none", "--seconds", 300, *options)
        blocks = {"read": subject.metric("eventstreams_blocks_read_total")}
    return taken(result, clients, events) | blocks


@undisturbed
def floor(*, clients, events, bytes_):
    """As many events of as many bytes."""
    with running(Floor) as subject:
        result = bench(
            subject, f"{subject.url}backlog/{events}/{round(bytes_)}", "--clients", clients, "--from-start",
            "--timestamp-field", "none", "--seconds", 300)
    return taken(result, clients, events)


def measure(s, say):
    results = collections.defaultdict(list)
    for number in range(s["few"]):
        for clients in (100, 1):
            for place in (TAIL, LOG, FLOOR):
                if place == FLOOR:
                    result = floor(clients=clients, events=s["events"], bytes_=results[clients, TAIL][-1]["bytes"])
                else:
                    result = history(place, clients=clients, events=s["events"])
                say(f"history {number + 1}: {clients}, {place}: {result['per_core']:.0f} events a second of a core")
                results[clients, place].append(result)
    return results


def section(results, s):
    rows = []
    for (clients, place), rounds in results.items():
        least = results[clients, FLOOR]
        rows.append([
            f"{clients} client{'s' if clients > 1 else ''}, {place}", spread(numbers(rounds, "per_core"), 0),
            "1" if place == FLOOR else ratios(numbers(rounds, "cpu"), numbers(least, "cpu")),
            spread(numbers(rounds, "per_second"), 0), spread(numbers(rounds, "read"), 0) if place == LOG else "",
            spread(numbers(rounds, "tool"))])
    many_log, many_floor = results[100, LOG], results[100, FLOOR]
    cost = [ours["cpu"] / least["cpu"] for ours, least in zip(many_log, many_floor)]
    again = [many["read"] / one["read"] for many, one in zip(many_log, results[1, LOG])]
    header = ["load", "events a second of a core", "times the floor's CPU", "events a second", "blocks read",
              "load tool's us an event"]
    return f"""
## History: {s['events']:,} events asked for at once

Each client asks for all of them. "A core" counts events by the server's CPU seconds, "a second" by the clock. The floor sends
as many bytes from memory, 64 KiB a write, and does nothing else; Nchan keeps messages in memory only. From the log a block of up
to 256 events is read for all who want it.

{table(header, rows)}

{aims(("at least 500,000 events a second of a core to 100 clients, from memory",
       numbers(results[100, TAIL], "per_core"), lambda rate: rate >= 500_000, 0),
      ("at least 150,000 events a second to one client, from memory",
       numbers(results[1, TAIL], "per_second"), lambda rate: rate >= 150_000, 0),
      ("at least 100,000 events a second to one client, from the log",
       numbers(results[1, LOG], "per_second"), lambda rate: rate >= 100_000, 0),
      ("100 clients from the log take less than 3 times the CPU of the same bytes from memory",
       cost, lambda ratio: ratio < 3, 2),
      ("100 clients read each block once, and so not more than one client does", again, lambda ratio: ratio <= 1, 2))}
"""
