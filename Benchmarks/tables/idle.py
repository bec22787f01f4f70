"""Clients that wait: what one keeps of the server's memory."""

from measures import SERVERS, bench, running, undisturbed
from report import aims, compared, numbers


@undisturbed
def idle_memory(kind, *, clients):
    """Resident memory of a client that gets nothing."""
    with running(kind) as subject:
        # What the first clients bring along, such as code that nobody needed before, is not the next ones'.
        bench(subject, subject.url, "--clients", 100, "--seconds", 1)
        result = bench(subject, subject.url, "--clients", clients, "--seconds", 2, timeout=180)
    server = result["server"]
    return {"memory": (server["memory_after_bytes"] - server["memory_before_bytes"]) / clients}


def measure(s, say):
    results = {kind.name: [] for kind in SERVERS}
    for number in range(s["few"]):
        for kind in SERVERS:
            result = idle_memory(kind, clients=s["idle"])
            say(f"idle {number + 1}: {kind.name} {result['memory']:.0f} bytes a client")
            results[kind.name].append(result)
    return results


def section(results, s):
    return f"""
## Idle: {s['idle']:,} clients that wait

Resident memory a client, in bytes. What the kernel keeps for a socket comes on top, the same for all. The floor's is in a few
fixed arrays, most of which are there before any client is. A hundred clients came and went before.

{compared(results, 'memory', ['Nchan'], digits=0)}

{aims(("at most 256 bytes", numbers(results["eventstreams"], "memory"), lambda bytes_: bytes_ <= 256, 0))}
"""
