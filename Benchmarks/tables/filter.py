"""What filters cost an event: one by itself, and many found by what an event has."""

import json
import os
import subprocess

from allocations import counting
from report import numbers, ratios, spread, table
from scanned import events_and_floor, run
from subjects import ROOT

EVENTS = 10_000


def measure(s, say):
    """Rounds in which filters and the floor of the scan take turns on one core."""
    results = []
    with events_and_floor(EVENTS) as (directory, file, floor):
        for number in range(s["few"]):
            result = json.loads(run(ROOT / ".build/release/filter", file, 3))
            result["floor"] = float(run(floor, file, 5))
            say(f"filter {number + 1}: mixed {result['mixed_1000']:.0f} ns, recorded {result['recorded_10000']:.0f} ns")
            results.append(result)
        results[0]["allocations"] = allocations(file, directory)
    return results


def allocations(file, directory):
    """How many each further round makes for an event, all sets of filters together."""
    library, counted = counting.build(directory), []
    for rounds in (1, 4):
        counts = os.path.join(directory, f"counts-{rounds}")
        subprocess.run([ROOT / ".build/release/filter", file, str(rounds)], stdout=subprocess.DEVNULL, check=True, timeout=300,
                       env=os.environ | counting.environment(library, counts))
        with open(counts, "rb") as places:
            counted.append(sum(place[1] for place in counting.PLACE.iter_unpack(places.read())))
    return (counted[1] - counted[0]) / 3 / EVENTS


def section(results, s):
    # What is added to an event that is held against one such filter already.
    for result in results:
        for count in (10_000, 100_000):
            result[f"added_{count}"] = result[f"pairs_{count}"] - result["pairs_1"]
    names = [
        ("floor: the ends of strings, in C", "floor"),
        ("one filter of one term, its field found", "one_simple"),
        ("one filter of ten terms, their fields found", "one_of_ten_terms"),
        ("one evaluation of one term among 1,000 filters", "evaluation_simple"),
        ("one evaluation of ten terms among 1,000 filters", "evaluation_of_ten_terms"),
        ("10,000 (wiki, user) filters, beside one", "added_10000"),
        ("100,000 (wiki, user) filters, beside one", "added_100000"),
        ("1,000 mixed filters", "mixed_1000"),
        ("10,000 filters made from the events", "recorded_10000"),
    ]
    rows = [[name, spread(numbers(results, what), 0), ratios(numbers(results, what), numbers(results, "floor"))]
            for name, what in names]
    result = results[0]
    return f"""
## Filters

{EVENTS:,} events, scanned before, held against filters on one core. Nanoseconds of CPU time an event:

{table(["what is done", "median (least to most)", "times the floor"], rows)}

Of the mixed filters {result["mixed_1000_matches"]:.0f} match an event, of those made from events {result["recorded_10000_matches"]:.0f}.
To read a filter takes {spread(numbers(results, "reading"), 0)} ns, to add one to 100,000
{spread(numbers(results, "adding_100000"), 0)} ns, to remove one {spread(numbers(results, "removing_100000"), 0)} ns. All of this together
allocates {max(result["allocations"], 0):.4f} times an event.
"""
