"""Many clients that come back at once with their ids, and go at once, while others follow live events."""

import collections
import time

from measures import Disturbed, Load, Lossy, Publisher, descriptors, latencies, processor_seconds, running, undisturbed
from report import aims, numbers, spread, table
from subjects import EventStreams, Floor, Nchan

# What each who comes back has missed.
MISSED = 5
LIVE = {"clients": 100, "rate": 20}
# As many as a listener holds (net.core.somaxconn), less some room: a storm is as dense as that, and nobody is turned away.
WAITING = 4000
# Files that a server opens by the way are no connections.
OTHER_DESCRIPTORS = 20
ROWS = [
    ("floor, without ids", Floor, {}),
    ("Nchan, from memory", Nchan, {}),
    ("eventstreams, from memory", EventStreams, {}),
    ("eventstreams, from the log", EventStreams, EventStreams.from_log()),
]


def followers(subject):
    # Before the others, whenever both want the core.
    return Load(subject, subject.url, "--clients", LIVE["clients"])


def wait_until_gone(subject, left, timeout=60):
    deadline = time.monotonic() + timeout
    while (kept := descriptors(subject.pid) - left) > OTHER_DESCRIPTORS:
        if time.monotonic() > deadline:
            raise Lossy(f"{subject.name} keeps {kept} connections whose clients are gone")
        time.sleep(0.01)


@undisturbed
def storm(kind, settings, clients):
    with running(kind, **settings) as subject:
        url, last_id = subject.quiet(MISSED)
        ids = ("--last-event-id", last_id) if last_id else ()
        with Publisher(subject, LIVE["rate"]):
            with followers(subject) as live:
                live.opened()
                time.sleep(1)
                calm = latencies(live.end())
            with followers(subject) as live:
                live.opened()
                with_live = descriptors(subject.pid)
                with Load(subject, url, "--clients", clients, "--waiting", WAITING, "--from-start", "--timestamp-field", "none",
                          *ids, niceness=10) as load:
                    load.opened()
                    coming = latencies(live.end())
                    # Everybody has what was missed, and nothing is under way any more.
                    time.sleep(1)
                    wait_until_gone(subject, with_live - LIVE["clients"] + clients)
                    with followers(subject) as others:
                        others.opened()
                        before, began = processor_seconds(subject.pid), time.monotonic()
                        result = load.end()
                        wait_until_gone(subject, with_live)
                        used, took = processor_seconds(subject.pid) - before, time.monotonic() - began
                        # The last events of then are under way.
                        time.sleep(0.2)
                        going = latencies(others.end())
    if last_id and result["events"] != clients * MISSED:
        raise Disturbed(f"{subject.name}: {result['events']} events instead of {clients * MISSED}")
    return {
        "per_core": clients / result["server"]["opening_cpu_seconds"],
        "per_second": clients / result["opening_seconds"],
        "leaving_per_core": clients / used,
        "leaving_seconds": took,
        "calm": calm["arrival_p99"], "coming": coming["arrival_p99"], "coming_read": coming["p99"],
        "going": going["arrival_p99"], "going_read": going["p99"],
    }


def measure(s, say):
    results = collections.defaultdict(list)
    for number in range(s["few"]):
        for name, kind, settings in ROWS:
            result = storm(kind, settings, s["storm"])
            say(f"storms {number + 1}: {name}: {result['per_core']:.0f} come in a second of a core, live p99 "
                f"{result['coming']:.1f} ms, before {result['calm']:.1f}; {result['leaving_per_core']:.0f} go, live p99 "
                f"{result['going']:.1f} ms")
            results[name].append(result)
    return results


def section(results, s):
    def rows(*measured):
        return [[name, *(spread(numbers(rounds, what), digits) for what, digits in measured)] for name, rounds in results.items()]

    memory, log = results["eventstreams, from memory"], results["eventstreams, from the log"]
    fast, soon = (lambda rate: rate >= 10_000), (lambda time: time < 50)
    return f"""
## Storms: {s['storm']:,} clients come back at once

Each has an id of a stream on which nothing more happens, and gets the {MISSED} events that it has missed: from memory, or all but
the last from the log. Up to {WAITING:,} at a time wait for an answer. Meanwhile {LIVE['clients']} clients follow another stream,
of {LIVE['rate']} events a second: within how many milliseconds 99 of 100 of their events arrived before the storm and
meanwhile, and were read meanwhile. The floor has no ids: who comes back gets nothing but the head.

{table(["server", "clients a second of a core", "clients a second", "live arrived, before", "meanwhile", "live read, meanwhile"],
       rows(("per_core", 0), ("per_second", 0), ("calm", 2), ("coming", 2), ("coming_read", 2)))}

All leave at once, with no word:

{table(["server", "clients a second of a core", "seconds until the last is forgotten", "live arrived, meanwhile",
        "live read, meanwhile"],
       rows(("leaving_per_core", 0), ("leaving_seconds", 2), ("going", 2), ("going_read", 2)))}

{aims(("at least 10,000 come back in a second of a core, from memory", numbers(memory, "per_core"), fast, 0),
      ("at least 10,000 come back in a second of a core, from the log", numbers(log, "per_core"), fast, 0),
      ("at least 10,000 leave in a second of a core", numbers(memory, "leaving_per_core"), fast, 0),
      ("live events within 50 ms while others come, from memory", numbers(memory, "coming"), soon, 2),
      ("live events within 50 ms while others come, from the log", numbers(log, "coming"), soon, 2),
      ("live events within 50 ms while others leave", numbers(memory, "going"), soon, 2))}
"""
