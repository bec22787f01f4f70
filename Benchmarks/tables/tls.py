"""TLS and HTTP/2: what they cost an event and a client that waits."""

from measures import Disturbed, Lossy, bench, fan_out, running, undisturbed
from report import aims, compared, numbers, quotients
from subjects import EventStreams, Nchan, SecureEventStreams, SecureNchan

# What is measured, as the page calls it: the server, and clients on one connection (None: HTTP/1.1).
LIVE = {
    "HTTP/1.1": (EventStreams, None),
    "HTTP/1.1, TLS": (SecureEventStreams, None),
    "HTTP/2": (EventStreams, 1),
    "HTTP/2, 100 clients a connection": (EventStreams, 100),
    "HTTP/2, TLS": (SecureEventStreams, 1),
    "HTTP/2, TLS, 100 clients a connection": (SecureEventStreams, 100),
    "Nchan, HTTP/1.1": (Nchan, None),
    "Nchan, HTTP/1.1, TLS": (SecureNchan, None),
    "Nchan, HTTP/2, TLS": (SecureNchan, 1),
}
IDLE = {name: LIVE[name] for name in (
    "HTTP/1.1", "HTTP/1.1, TLS", "HTTP/2", "HTTP/2, 100 clients a connection", "HTTP/2, TLS", "Nchan, HTTP/1.1",
    "Nchan, HTTP/1.1, TLS")}
IDLE_CLIENTS = 4_000


def shared(streams):
    return () if streams is None else ("--h2", "--streams-per-connection", streams)


@undisturbed
def idle_memory(kind, streams, *, clients):
    with running(kind) as subject:
        result = bench(subject, subject.url, "--clients", clients, "--seconds", 2, *shared(streams), timeout=180)
    server = result["server"]
    return {"memory": (server["memory_after_bytes"] - server["memory_before_bytes"]) / clients}


def measure(s, say):
    live, idle = {name: [] for name in LIVE}, {name: [] for name in IDLE}
    for number in range(s["few"]):
        for name, (kind, streams) in LIVE.items():
            if number and not live[name]:
                continue
            try:
                result = fan_out(kind, clients=s["clients"], rate=s["rate"], seconds=s["seconds"], options=shared(streams))
            except (Disturbed, Lossy) as failure:
                if kind in (Nchan, SecureNchan):
                    say(f"tls: {name} can't: {failure}")
                    continue
                raise
            say(f"tls {number + 1}: {name} {result['cpu']:.2f} us an event")
            live[name].append(result)
        for name, (kind, streams) in IDLE.items():
            result = idle_memory(kind, streams, clients=IDLE_CLIENTS)
            say(f"tls {number + 1}: {name} {result['memory']:.0f} bytes a client")
            idle[name].append(result)
    return live, idle


def section(results, s):
    live, idle = results
    live = {name: rounds for name, rounds in live.items() if len(rounds) == s["few"]}
    plain = live["HTTP/1.1"]
    streams = [(many - one / 100) / 0.99 for one, many in zip(
        numbers(idle["HTTP/2"], "memory"), numbers(idle["HTTP/2, 100 clients a connection"], "memory"))]
    connections = [one - stream for one, stream in zip(numbers(idle["HTTP/2"], "memory"), streams)]
    kibibytes = [[value / 1024 for value in values] for values in (numbers(idle["HTTP/1.1, TLS"], "memory"), connections, streams)]
    return f"""
## TLS and HTTP/2: {s['clients']:,} clients, {s['rate']} events a second

TLS 1.3 with AES-256-GCM, which OpenSSL's clients prefer. Clients of HTTP/2 have Chromium's windows, 6 MiB a stream and 15 MiB a
connection, and say that they take more when half of that has come, as it does: about once in 2,400 events of a stream. Server CPU for one event to one client, in microseconds:

{compared(live, 'cpu', ['HTTP/1.1'])}

{aims(("TLS at most 1.8 times plain", quotients(live["HTTP/1.1, TLS"], plain, "cpu"), lambda ratio: ratio <= 1.8, 2),
      ("HTTP/2 with a connection for each client at most 1.3 times HTTP/1.1", quotients(live["HTTP/2"], plain, "cpu"),
       lambda ratio: ratio <= 1.3, 2),
      ("HTTP/2 with 100 clients a connection at most 0.4 times", quotients(
          live["HTTP/2, 100 clients a connection"], plain, "cpu"), lambda ratio: ratio <= 0.4, 2))}

Resident memory of a client that waits, of {IDLE_CLIENTS:,}, in bytes:

{compared(idle, 'memory', ['HTTP/1.1'], digits=0)}

{aims(("at most 16 KiB a TLS connection", kibibytes[0], lambda size: size <= 16, 1),
      ("at most 24 KiB an HTTP/2 connection", kibibytes[1], lambda size: size <= 24, 1),
      ("at most 0.8 KiB a stream on it", kibibytes[2], lambda size: size <= 0.8, 2))}
"""
