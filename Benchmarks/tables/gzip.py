"""What compression costs and saves, on recorded events."""

import collections

from measures import fan_out
from report import aims, numbers, quotients, ratios, spread, table
from subjects import EventStreams, recorded_events
from tables.history import TAIL, history


LIVE = {"50 clients, 100 events a second": (50, 100), "1,000 clients, 20 events a second": (1000, 20)}
HISTORY = "20 clients, 10,000 events at once"
CODINGS = {"uncompressed": (), "gzip": ("--gzip",)}


def measure(s, say):
    """Recorded events, to clients that take gzip and to others, in turns. Nothing without records."""
    results = collections.defaultdict(list)
    make = recorded_events()
    for number in range(s["few"] if make else 0):
        for load in (*LIVE, HISTORY):
            for coding, options in CODINGS.items():
                if load == HISTORY:
                    result = history(TAIL, clients=20, events=10_000, make=make, options=options)
                    result["cpu"] = 1e6 / result["per_core"]
                else:
                    clients, rate = LIVE[load]
                    result = fan_out(
                        EventStreams, clients=clients, rate=rate, seconds=s["seconds"], make=make, options=options)
                say(f"gzip {number + 1}: {load}, {coding}: {result['cpu']:.2f} us an event, {result['bytes']:.0f} bytes")
                results[load, coding].append(result)
    return results


def section(results, _):
    if not results:
        return ""
    rows = []
    for (load, coding), rounds in results.items():
        plain = results[load, "uncompressed"]
        cpu, sizes = ((numbers(rounds, name), numbers(plain, name)) for name in ("cpu", "bytes"))
        is_plain = coding == "uncompressed"
        rows.append([
            f"{load}, {coding}", spread(cpu[0]), "1" if is_plain else ratios(*cpu),
            spread(sizes[0], 0), "1" if is_plain else ratios(*reversed(sizes))])
    header = ["load", "server CPU for one event to one client, us", "times uncompressed", "bytes", "times smaller"]

    def times(load, name):
        return quotients(results[load, "gzip"], results[load, "uncompressed"], name)

    return f"""
## Gzip: recorded recent changes

A live event is compressed once, whatever the number of clients; each is sent and can be read at once. What somebody was away
for is compressed for that client alone.

{table(header, rows)}

{aims(("4 times smaller", [1 / ratio for load in LIVE for ratio in times(load, "bytes")], lambda ratio: ratio >= 4, 2),
      *((f"less CPU than uncompressed, with {load}", times(load, "cpu"), lambda ratio: ratio < 1, 2) for load in LIVE))}
"""
