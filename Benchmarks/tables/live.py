"""Live events to many clients: what one costs, and how long it takes."""

import statistics

from measures import HELD, SERVERS, fan_out
from report import aims, compared, numbers, quotients, spread, table


def measure(s, say):
    """Each server in turn, round by round, so that whatever else the machine does meets all alike."""
    results = {kind.name: [] for kind in SERVERS}
    for number in range(s["rounds"]):
        for kind in SERVERS:
            result = fan_out(kind, clients=s["clients"], rate=s["rate"], seconds=s["seconds"])
            say(f"live {number + 1}: {kind.name} {result['cpu']:.2f} us an event, p99 {result['p99']:.1f} ms")
            results[kind.name].append(result)
    return results


def section(results, s):
    tool = [round_["tool"] for rounds in results.values() for round_ in rounds]
    late = [(name, round_["share"]) for name, rounds in results.items() for round_ in rounds if round_["share"] <= HELD]
    disturbed = ("In every measurement the rate was held." if not late else
                 "The machine had other things to do: in some measurements fewer of the events came in time ("
                 + ", ".join(f"{name} {share:.0%}" for name, share in late) + "), which makes events cheaper.")
    sizes = ", ".join(f"{name} {statistics.median(numbers(rounds, 'bytes')):.0f}" for name, rounds in results.items())
    latencies = [
        [name, *(spread(numbers(rounds, what)) for what in ("p50", "p99", "arrival_p50", "arrival_p99"))]
        for name, rounds in results.items()]
    ours = results["eventstreams"]
    return f"""
## Live: {s['clients']:,} clients, {s['rate']} events a second of about a kilobyte

Server CPU for one event to one client, in microseconds:

{compared(results, 'cpu', ['floor', 'Nchan'])}

{aims(("at most 1.10 times the floor", quotients(ours, results["floor"], "cpu"), lambda ratio: ratio <= 1.10, 2),
      ("not more than Nchan", quotients(ours, results["Nchan"], "cpu"), lambda ratio: ratio <= 1, 2))}

{disturbed}

Latency in milliseconds. An event goes to all {s['clients']:,} clients one after another, so that most of it is the time that
the others take:

{table(['server', 'half read within', '99 of 100 read within', 'half arrived within', '99 of 100 arrived within'], latencies)}

Bytes of an event, with framing: {sizes}. The load tool itself used {spread(tool)} us for an event.
"""
