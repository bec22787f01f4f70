"""How long live events take while the server's core is mostly busy."""

from measures import SERVERS, fan_out
from report import aims, numbers, spread, table

BUSY = 0.75
# What an event costs depends on how many there are: it is measured near the rate that is looked for.
CALIBRATION = {"rate": 80, "seconds": 3}


def measure(s, say):
    results = {kind.name: [] for kind in SERVERS}
    for number in range(s["few"]):
        for kind in SERVERS:
            cost = fan_out(kind, clients=s["clients"], **CALIBRATION)["cpu"]
            rate = max(1, round(BUSY / (s["clients"] * cost / 1e6)))
            result = fan_out(kind, clients=s["clients"], rate=rate, seconds=s["seconds"])
            say(f"latency {number + 1}: {kind.name} {rate} events a second, {result['busy']:.0%} busy, "
                f"p99 {result['p99']:.1f} ms, {result['arrival_p99']:.1f} ms until arrival")
            results[kind.name].append(result | {
                "rate": rate, "percent": 100 * result["busy"], "all": s["clients"] * result["cpu"] / 1000})
    return results


def section(results, s):
    measured = [("rate", 0), ("percent", 0), ("all", 2), ("p50", 2), ("p99", 2), ("arrival_p50", 2), ("arrival_p99", 2)]
    rows = [
        [name, *(spread(numbers(rounds, what), digits) for what, digits in measured)] for name, rounds in results.items()]
    header = ["server", "events a second", "% of its core used", "an event to all", "half read within", "99 of 100 read within",
              "half arrived within", "99 of 100 arrived within"]
    return f"""
## Latency at {BUSY:.0%} load: {s['clients']:,} clients

Each server gets events as fast as keep its core {BUSY:.0%} busy, by what an event to a client has just cost it. Sending one event
to all takes the CPU time "an event to all": the last client cannot have it sooner, and an event that comes early waits for the one
before. Milliseconds:

{table(header, rows)}

{aims(("99 of 100 events arrive within 10 ms",
       numbers(results["eventstreams"], "arrival_p99"), lambda time: time < 10, 2))}
"""
