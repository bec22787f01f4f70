"""What compression costs and saves, on recorded events."""

import collections

from measures import fan_out
from report import aims, numbers, quotients, ratios, spread, table
from subjects import EventStreams, recorded_events


def measure(s, say):
    """Recorded events, to clients that take gzip and to others, in turns. Nothing without records."""
    results = collections.defaultdict(list)
    make = recorded_events()
    for number in range(s["few"] if make else 0):
        for clients, rate in ((50, 100), (1000, 20)):
            for coding, options in (("uncompressed", ()), ("gzip", ("--gzip",))):
                result = fan_out(
                    EventStreams, clients=clients, rate=rate, seconds=s["seconds"], make=make, options=options)
                say(f"gzip {number + 1}: {clients} clients, {coding}, {result['cpu']:.2f} us an event, "
                    f"{result['bytes']:.0f} bytes")
                results[clients, rate, coding].append(result)
    return results


def section(results, _):
    rows = []
    for (clients, rate, coding), rounds in results.items():
        plain = results[clients, rate, "uncompressed"]
        cpu, sizes = ((numbers(rounds, name), numbers(plain, name)) for name in ("cpu", "bytes"))
        is_plain = coding == "uncompressed"
        rows.append([
            f"{clients:,} clients, {rate} events a second, {coding}", spread(cpu[0]), "1" if is_plain else ratios(*cpu),
            spread(sizes[0], 0), "1" if is_plain else ratios(*reversed(sizes))])
    if not rows:
        return ""
    header = ["load", "server CPU for one event to one client, us", "times uncompressed", "bytes", "times smaller"]
    return f"""
## Gzip: recorded recent changes, one at a time

An event is compressed once, whatever the number of clients; each is sent and can be read at once.

{table(header, rows)}

{aims(("4 times smaller", [1 / ratio for clients, rate, coding in results if coding == "gzip" for ratio in quotients(
           results[clients, rate, coding], results[clients, rate, "uncompressed"], "bytes")], lambda ratio: ratio >= 4, 2),
      *((f"less CPU than uncompressed, with {clients:,} clients",
         quotients(results[clients, rate, coding], results[clients, rate, "uncompressed"], "cpu"), lambda ratio: ratio < 1, 2)
        for clients, rate, coding in results if coding == "gzip"))}
"""
