"""Measures our server beside others and writes docs/performance.md. Start it by script/benchmark."""

import argparse
import collections
import resource
import subprocess
import sys

import measures
import report
from subjects import ROOT, EventStreams, Floor, Nchan, pin_to_load_core, recorded_events

SUBJECTS = [Floor, Nchan, EventStreams]


def say(text):
    print(text, file=sys.stderr, flush=True)


def settings(quick):
    full = {"quick": False, "rounds": 5, "clients": 1000, "rate": 100, "seconds": 10, "idle": 15_000, "events": 100_000}
    return full | {"quick": True, "rounds": 2, "seconds": 4, "events": 20_000} if quick else full


def measure_fan_out(s):
    """Each server in turn, round by round, so that whatever else the machine does meets all alike."""
    results = {kind.name: [] for kind in SUBJECTS}
    for number in range(s["rounds"]):
        for kind in SUBJECTS:
            result = measures.fan_out(kind, clients=s["clients"], rate=s["rate"], seconds=s["seconds"])
            say(f"live {number + 1}: {kind.name} {result['cpu']:.2f} us an event, p99 {result['p99']:.1f} ms")
            results[kind.name].append(result)
    return results


def measure_memory(s):
    results = {kind.name: [] for kind in SUBJECTS}
    for number in range(min(3, s["rounds"])):
        for kind in SUBJECTS:
            result = measures.idle_memory(kind, clients=s["idle"])
            say(f"idle {number + 1}: {kind.name} {result['memory']:.0f} bytes a client")
            results[kind.name].append(result)
    return results


def measure_histories(s):
    results = collections.defaultdict(list)
    for number in range(min(3, s["rounds"])):
        for place in ("tail", "log"):
            for clients in (100, 1):
                result = measures.history(place, clients=clients, events=s["events"])
                say(f"history {number + 1}: {clients} from the {place}, {result['per_core']:.0f} events a second of a core")
                results["memory (the tail)" if place == "tail" else "the log", clients].append(result)
    return results


def measure_gzip(s):
    """Recorded events, to clients that take gzip and to others, in turns. Nothing without records."""
    results = collections.defaultdict(list)
    make = recorded_events()
    for number in range(min(3, s["rounds"]) if make else 0):
        for clients, rate in ((50, 100), (1000, 20)):
            for coding, options in (("uncompressed", ()), ("gzip", ("--gzip",))):
                result = measures.fan_out(
                    EventStreams, clients=clients, rate=rate, seconds=s["seconds"], make=make, options=options)
                say(f"gzip {number + 1}: {clients} clients, {coding}, {result['cpu']:.2f} us an event, "
                    f"{result['bytes']:.0f} bytes")
                results[clients, rate, coding].append(result)
    return results


def text_of(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(prog="script/benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes instead of fifteen; the numbers are rougher")
    parser.add_argument("--output", default=ROOT / "docs/performance.md", help="the page to write")
    arguments = parser.parse_args()
    s = settings(arguments.quick)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < s["idle"] + 200:
        parser.error(f"{s['idle']} clients need as many descriptors, and the limit (ulimit -n -H) is {most}")
    pin_to_load_core()
    run = {
        "settings": s,
        "nchan": text_of("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan") + " in nginx "
        + text_of("dpkg-query", "-W", "-f", "${Version}", "nginx"),
        "commit": text_of("git", "describe", "--always", "--dirty"),
        "fan_out": measure_fan_out(s), "memory": measure_memory(s), "histories": measure_histories(s),
        "gzip": measure_gzip(s),
    }
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write(report.page(run))
    say(f"written: {arguments.output}")


if __name__ == "__main__":
    main()
