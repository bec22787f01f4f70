"""Whether handing the kernel many sends in one call makes them cheaper: the floor by io_uring beside the floor."""

import pathlib

from measures import fan_out
from report import aims, compared, quotients
from subjects import SERVER_CORE, Floor, FloorByRing

KINDS = [Floor, FloorByRing]
ROUNDS, SECONDS = 8, 6
REFUSED = "io_uring is not allowed here"


def postponed_seconds():
    """What the kernel's own thread of the server's core has used: work that it does for others, on nobody's account."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        if (process / "comm").read_text().strip() == f"ksoftirqd/{SERVER_CORE}":
            return int((process / "schedstat").read_text().split()[0]) / 1e9
    return 0.0


def measure(s, say):
    setting = pathlib.Path("/proc/sys/kernel/io_uring_disabled")
    if setting.exists() and setting.read_text().strip() == "2":
        return None
    results = {kind.name: [] for kind in KINDS}
    # The difference is small, and hides in a few.
    for number in range(max(s["rounds"], ROUNDS)):
        for kind in KINDS:
            before = postponed_seconds()
            result = fan_out(kind, clients=s["clients"], rate=s["rate"], seconds=SECONDS)
            events = s["clients"] * s["rate"] * SECONDS
            result["whole"] = result["cpu"] + (postponed_seconds() - before) * 1e6 / events
            say(f"io_uring {number + 1}: {kind.name} {result['cpu']:.2f} us an event, {result['whole']:.2f} with the kernel's thread")
            results[kind.name].append(result)
    return results


def section(results, s):
    if results is None:
        return f"## Below the floor: io_uring\n\nNot measured: {REFUSED}.\n"
    ring, floor = results[FloorByRing.name], results[Floor.name]
    return f"""
## Below the floor: io_uring

Linux takes many sends in one call by io_uring. The floor was built that way too: 256 sends a submission, successes not
reported, the ring for one thread alone ([ring.h](../Benchmarks/floor/ring.h)). {s['clients']:,} clients, {s['rate']} events a second;
microseconds for one event to one client, with what the kernel's thread `ksoftirqd` used on the server's core meanwhile, for
work that is put off lands there:

{compared(results, 'whole', ['floor'])}

And without it:

{compared(results, 'cpu', ['floor'])}

{aims(("at most 0.95 times the floor, else it is left out", quotients(ring, floor, "whole"), lambda ratio: ratio <= 0.95, 2))}

The server does not use it. Nearly all of a send is TCP (see the profile), which stays the same, and what is saved on the way into
the kernel the ring's own work for each request takes back. Where other programs want the server's core it looks better than it
is: one long call is interrupted less often than many short ones.
"""
