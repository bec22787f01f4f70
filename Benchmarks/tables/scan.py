"""What reading an event costs: the scan, and all that makes a record ready for every client."""

import json

from report import numbers, ratios, spread, table
from scanned import events_and_floor, run
from subjects import ROOT

EVENTS = 2000


def measure(s, say):
    """Rounds in which our scan and the floor take turns on one core."""
    results = []
    with events_and_floor(EVENTS) as (_, file, floor):
        for number in range(s["rounds"]):
            result = json.loads(run(ROOT / ".build/release/scan", file, 20))
            result["floor"] = float(run(floor, file, 20))
            say(f"scan {number + 1}: {result['scan']:.0f} ns, prepared {result['prepare']:.0f} ns, floor {result['floor']:.0f} ns")
            results.append(result)
    return results


def section(results, s):
    rows = [
        [name, spread(numbers(results, what), 0), ratios(numbers(results, what), numbers(results, "floor"))]
        for name, what in (("floor: the ends of strings, in C", "floor"), ("scanned and checked", "scan"),
                           ("ready for all clients, with an index", "prepare"))]
    size, index = results[0]["bytes"], results[0]["index_bytes"]
    return f"""
## Reading an event: {size:,} bytes

{EVENTS:,} events, each checked to be JSON (RFC 8259) with the places of its values written down, then given its place in `meta`.
Nanoseconds of CPU time an event:

{table(["what is done", "median (least to most)", "times the floor"], rows)}

A block keeps {index} bytes of index an event beside the event's own, {100 * index / size:.0f} % more.
"""
