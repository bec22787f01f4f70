"""What a change has changed: this program and one from before it (`--before PROGRAM`), in turns. Left out without one."""

import collections
import subprocess
import time

from measures import Load, fan_out, running, undisturbed
from report import numbers, ratios, spread, table
from subjects import EventStreams, ValidatingEventStreams, environment, event, recorded_events
from tables import intake, loops
from tables.history import LOG, TAIL, history
from tables.idle import idle_memory
from tables.storms import storm

# Events a second: below what a core of either can send to a thousand. A server that falls behind sends several events at once, and
# is the cheaper the slower it is.
RATE = 80
# Events that are posted at once, how often, and seconds between.
BURST, BURSTS, PAUSE = 200, 5, 0.4


@undisturbed
def burst(kind, clients):
    """Microseconds for an event to a client, where many events come at once."""
    with running(kind) as subject, \
            Load(subject, subject.url, "--clients", clients, "--seconds", round(PAUSE * BURSTS) + 2, "--timestamp-field",
                 "none") as load:
        load.opened()
        for _ in range(BURSTS):
            subject.publish("[" + ",".join(map(event, range(BURST))) + "]")
            time.sleep(PAUSE)
        return load.result()["server"]["cpu_us_per_event"]


def intake_costs(kind, make, events):
    with running(kind) as subject:
        batches = ["[" + ",".join(map(make, range(intake.BATCH))) + "]" for _ in range(events // intake.BATCH + 1)]
        yield f"batches of {intake.BATCH}", intake.microseconds(subject, batches, intake.BATCH)
        for posters in (1, intake.POSTERS):
            singles = [make(number) for number in range(events // 10 + posters)]
            yield f"one a request, {posters} at once", intake.microseconds(subject, singles, 1, posters)


def checked_intake(kind, make, events):
    """Microseconds for an event of a batch, held against its schema."""
    class Checked(ValidatingEventStreams):
        binary = kind.binary

    def batches(count):
        return ["[" + ",".join(map(make, range(intake.BATCH))) + "]" for _ in range(0, count, intake.BATCH)]

    with running(Checked, **intake.TAIL) as subject:
        intake.microseconds(subject, batches(intake.WARM_UP), intake.BATCH)
        return intake.microseconds(subject, batches(events), intake.BATCH)


def knows_schemas(kind):
    schemas = ValidatingEventStreams.schemas
    command = [kind.binary, "check-config", "--set", f"schemas.repositories={schemas}"]
    return schemas.exists() and subprocess.run(command, capture_output=True, check=False, env=environment()).returncode == 0


def all_measures(kind, s):
    """By a row's name, of one program."""
    live = fan_out(kind, clients=s["clients"], rate=RATE, seconds=s["seconds"])
    yield f"live, {s['clients']:,} clients, {RATE} events a second: us for an event to a client", live["cpu"]
    yield "- its events arrived, half of them within ms", live["arrival_p50"]
    yield "- 99 of 100 within ms", live["arrival_p99"]
    yield "- its posts were answered, half of them within ms", live["answered_p50"]
    yield f"burst, {BURST} events at once to {s['clients']:,} clients: us for an event to a client", burst(kind, s["clients"])
    yield f"idle, {s['idle']:,} clients: bytes a client", idle_memory(kind, clients=s["idle"])["memory"]
    for name, place in (("memory", {}), ("the log", EventStreams.from_log())):
        result = storm(kind, place, s["storm"])
        yield f"storm from {name}, {s['storm']:,} clients come back: us for one", 1e6 / result["per_core"]
        yield "- and leave: us for one", 1e6 / result["leaving_per_core"]
    for place in (TAIL, LOG):
        result = history(place, kind=kind, clients=100, events=s["events"])
        yield f"replay {place}, {s['events']:,} events to 100 clients: us an event", 1e6 / result["per_core"]
    if make := recorded_events():
        result = fan_out(kind, clients=s["clients"], rate=20, seconds=s["seconds"], make=make, options=["--gzip"])
        yield f"gzip, {s['clients']:,} clients, 20 recorded events a second: us for an event to a client", result["cpu"]
    for what, cost in intake_costs(kind, make or event, s["events"] // 5):
        yield f"intake, {what}: us an event", cost
    if make and s["checked"]:
        yield f"intake, batches of {intake.BATCH}, held against their schema: us an event", checked_intake(
            kind, make, s["events"])
    cost = loops.live(1, clients=100, rate=100, seconds=s["seconds"], binary=kind.binary)
    yield "100 clients, 100 events a second, one a request: us an event in the threads beside the loop", 100 * cost["others"]


def measure(s, say):
    results = collections.defaultdict(list)
    if not s["before"]:
        return results

    class Before(EventStreams):
        name = "eventstreams, before"
        binary = s["before"]

    s = s | {"checked": knows_schemas(Before) and knows_schemas(EventStreams)}
    for number in range(s["few"]):
        for kind in (Before, EventStreams) if number % 2 else (EventStreams, Before):
            last = ""
            for what, value in all_measures(kind, s):
                # A row that begins with a dash is of the one above it.
                last = what if what[0] != "-" else last
                say(f"before {number + 1}: {kind.name}: {what} {value:.2f}")
                results[last, what, kind is Before].append({"value": value})
    return results


def section(results, _):
    if not results:
        return ""
    rows = []
    for group, what, is_before in results:
        if not is_before:
            old, new = (numbers(results[group, what, which], "value") for which in (True, False))
            rows.append([what, spread(old), spread(new), ratios(new, old)])
    return f"""
## Before and after

Two programs in turns; less is better in every row:

{table(["what", "before", "after", "times before"], rows)}
"""
