"""What it costs to hold an event against its schema."""

import json
import os
import subprocess

from allocations import counting
from report import numbers, ratios, spread, table
from scanned import events_and_floor, run
from subjects import ROOT

EVENTS = 10_000

# What the schema of recent changes asks of its members, in its words.
TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
NUMBER = {"type": "integer", "minimum": -9007199254740991, "maximum": 9007199254740991}
MAYBE_NUMBER, MAYBE_TEXT = {"type": ["integer", "null"]}, {"type": ["string", "null"]}
META = {
    "domain": TEXT | {"minLength": 1}, "dt": TEXT | {"format": "date-time", "maxLength": 128}, "id": TEXT, "request_id": TEXT,
    "stream": TEXT | {"minLength": 1}, "uri": TEXT | {"format": "uri-reference", "maxLength": 8192},
}
SCHEMA = {
    "title": "recentchange", "type": "object", "required": ["meta"], "additionalProperties": True,
    "properties": {
        "$schema": TEXT, "meta": {"type": "object", "required": ["dt", "stream"], "properties": META}, "bot": FLAG, "minor": FLAG,
        "patrolled": FLAG, "comment": TEXT, "parsedcomment": TEXT, "title": TEXT, "type": TEXT, "user": TEXT, "wiki": TEXT,
        "server_name": TEXT, "server_script_path": TEXT, "server_url": TEXT, "id": MAYBE_NUMBER, "log_id": MAYBE_NUMBER,
        "log_type": MAYBE_TEXT, "log_action": TEXT, "log_action_comment": MAYBE_TEXT, "namespace": NUMBER, "timestamp": NUMBER,
        "length": {"type": "object", "properties": {"new": MAYBE_NUMBER, "old": MAYBE_NUMBER}},
        "revision": {"type": "object", "properties": {"new": MAYBE_NUMBER, "old": MAYBE_NUMBER}},
        "log_params": {"type": ["array", "object", "string"], "additionalProperties": True},
    },
}


def measure(s, say):
    """Rounds in which the validator and the floor of the scan take turns on one core."""
    results = []
    with events_and_floor(EVENTS) as (directory, file, floor):
        schema = os.path.join(directory, "schema.json")
        with open(schema, "w", encoding="utf-8") as text:
            json.dump(SCHEMA, text)
        for number in range(s["few"]):
            result = json.loads(run(ROOT / ".build/release/schema", schema, file, 10))
            result["floor"] = float(run(floor, file, 5))
            say(f"schema {number + 1}: {result['validating']:.0f} ns")
            results.append(result)
        results[0]["allocations"] = allocations(schema, file, directory)
    return results


def allocations(schema, file, directory):
    """How many each further round makes for an event."""
    library, counted = counting.build(directory), []
    for rounds in (1, 4):
        counts = os.path.join(directory, f"counts-{rounds}")
        subprocess.run([ROOT / ".build/release/schema", schema, file, str(rounds)], stdout=subprocess.DEVNULL, check=True,
                       timeout=300, env=os.environ | counting.environment(library, counts))
        with open(counts, "rb") as places:
            counted.append(sum(place[1] for place in counting.PLACE.iter_unpack(places.read())))
    return (counted[1] - counted[0]) / 3 / EVENTS


def section(results, s):
    names = [("floor: the ends of strings, in C", "floor"), ("held against a schema of 40 members", "validating")]
    rows = [[name, spread(numbers(results, what), 0), ratios(numbers(results, what), numbers(results, "floor"))]
            for name, what in names]
    return f"""
## Schemas

{EVENTS:,} recent changes, scanned before, held against a schema like theirs on one core; {results[0]["right"]:.0%} follow it.
Nanoseconds of CPU time an event:

{table(["what is done", "median (least to most)", "times the floor"], rows)}

To compile the schema takes {spread([value / 1000 for value in numbers(results, "compiling")], 0)} µs. Validating allocates
{max(results[0]["allocations"], 0):.4f} times an event.
"""
