"""What reading an event costs: the scan, and all that makes a record ready for every client."""

import json
import os
import subprocess
import tempfile

from report import numbers, ratios, spread, table
from subjects import ROOT, SERVER_CORE, event, recorded_events

EVENTS = 2000


def measure(s, say):
    """Rounds in which our scan and the floor take turns on one core."""
    make = recorded_events() or event
    results = []
    with tempfile.TemporaryDirectory(prefix="eventstreams-benchmark-") as directory:
        file, floor = os.path.join(directory, "events"), os.path.join(directory, "floor")
        with open(file, "w", encoding="utf-8") as text:
            text.writelines(make(number) + "\n" for number in range(EVENTS))
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", floor, ROOT / "Benchmarks/scan/floor.c"], check=True)
        for number in range(s["rounds"]):
            result = json.loads(run(ROOT / ".build/release/scan", file, 20))
            result["floor"] = float(run(floor, file, 20))
            say(f"scan {number + 1}: {result['scan']:.0f} ns, prepared {result['prepare']:.0f} ns, floor {result['floor']:.0f} ns")
            results.append(result)
    return results


def run(*command):
    command = ["taskset", "-c", SERVER_CORE, *map(str, command)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=120).stdout


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
