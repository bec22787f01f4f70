"""Where the time of the server goes, sampled while it serves, and the memory of a client that waits."""

import collections
import re
import shutil
import subprocess
import threading
import time

from measures import Publisher, bench, running
from report import table
from subjects import ROOT, EventStreams
from tables.idle import idle_memory

# Written and compared by a unit test.
SIZES = ROOT / "Tests/ServiceTests/Golden/idle-client.txt"
# Samples a second, of each thread that runs.
RATE = 2000
SENDING = re.compile(r"^(__sys_sendto|__x64_sys_sendto|__arm64_sys_sendto)$")
RECEIVING = re.compile(r"^(__netif_receive_skb|process_backlog|net_rx_action|ip_rcv|tcp_v4_rcv)")
WAITING = re.compile(r"epoll|eventfd")
KERNEL = re.compile(r"\[kernel|\[guest\.kernel|kallsyms|\.ko\b")
FAN_OUT, CONNECTIONS = re.compile(r"9Streaming|12EventFormats"), re.compile(r"10HTTPServer|7Reactor")

SENDING_PART, RECEIVING_PART, WAITING_PART, KERNEL_PART = (
    "kernel: sending, as far as the loopback device", "kernel: receiving, at the loopback device's other end",
    "kernel: waiting for events, by epoll", "kernel: whatever else, such as changing threads")
FAN_OUT_PART, CONNECTIONS_PART, REST_PART = (
    "fan-out: which client gets which bytes", "connections and event loop",
    "what these call: reference counts, memory, glibc; and events taken in")
LOG_PART, OTHER_PART = "the log: SQLite and its disk", "other threads: preparing events, numbers"
PARTS = [
    SENDING_PART, RECEIVING_PART, WAITING_PART, KERNEL_PART, FAN_OUT_PART, CONNECTIONS_PART, REST_PART, LOG_PART, OTHER_PART]
OURS = {FAN_OUT_PART, CONNECTIONS_PART, REST_PART}


def part(thread, frames):
    """Where a sample belongs, by its thread and its call chain, from the inside out: (symbol, binary)."""
    symbols = [symbol for symbol, _ in frames]
    if not thread.startswith("http-"):
        is_log = any("sqlite" in binary or "11EmbeddedLog" in symbol for symbol, binary in frames)
        return LOG_PART if is_log else OTHER_PART
    if not frames:
        return REST_PART
    symbol, binary = frames[0]
    if KERNEL.search(binary):
        if any(map(RECEIVING.search, symbols)):
            return RECEIVING_PART
        if any(map(SENDING.search, symbols)):
            return SENDING_PART
        return WAITING_PART if any(map(WAITING.search, symbols)) else KERNEL_PART
    if FAN_OUT.search(symbol):
        return FAN_OUT_PART
    return CONNECTIONS_PART if CONNECTIONS.search(symbol) else REST_PART


def samples(text):
    """The samples of `perf script`: thread and call chain."""
    for block in text.split("\n\n"):
        thread, *lines = block.strip("\n").split("\n")
        if not thread.strip():
            continue
        frames = []
        for line in lines:
            match = re.match(r"\s+[0-9a-f]+ (.*?)(?:\+0x[0-9a-f]+)? \((.*)\)$", line)
            if match:
                frames.append((match[1], match[2]))
        yield thread.strip(), frames


def record(subject, seconds):
    """Samples for so long. Nothing where perf is not there, or may not sample the kernel."""
    if not shutil.which("perf"):
        return None
    data = subject.directory / "perf.data"
    # A clock of the kernel's own: virtual machines often have no counters of the processor's.
    recorded = subprocess.run(
        ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(RATE), "-g", "-o", data, "-p", str(subject.pid), "--", "sleep",
         str(seconds)], capture_output=True)
    if recorded.returncode or not data.exists():
        return None
    text = subprocess.run(
        ["perf", "script", "-i", data, "-F", "comm,ip,sym,dso"], capture_output=True, text=True, errors="replace").stdout
    found = list(samples(text))
    return found if any(KERNEL.search(frames[0][1]) for _, frames in found if frames) else None


def processor(s, say):
    with running(EventStreams) as subject, Publisher(subject, s["rate"]):
        found = {}

        def sample():
            # Once the clients are there, and until before they leave.
            time.sleep(s["seconds"] * 0.5)
            found["samples"] = record(subject, max(2, int(s["seconds"] * 0.5)))

        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            result = bench(
                subject, subject.url, "--clients", s["clients"], "--seconds", s["seconds"] + 1, "--timestamp-field", "none")
        finally:
            sampler.join()
    taken = found.get("samples")
    if not taken:
        return None
    shares = collections.Counter(part(*sample) for sample in taken)
    say(f"profile: {len(taken)} samples, {shares[SENDING_PART] / len(taken):.0%} of them in sending")
    return {"cpu": result["server"]["cpu_us_per_event"], "samples": len(taken), "shares": shares}


def measure(s, say):
    return {"processor": processor(s, say), "idle": idle_memory(EventStreams, clients=s["idle"])["memory"]}


def section(results, s):
    return processor_section(results["processor"], s) + idle_section(results["idle"], s)


def idle_section(memory, s):
    sizes = [line.split(" ", 1) for line in SIZES.read_text().splitlines()]
    rows = [[name, size] for size, name in sizes]
    rest = memory - sum(int(size) for size, _ in sizes)
    rows += [["room that arrays have for more, and what all clients share", f"{rest:.0f}"], ["all", f"{memory:.0f}"]]
    return f"""
## Profile: what the memory of a client that waits is made of

Its parts as a unit test finds them (`IdleClientTests`), and the resident memory of one of {s['idle']:,} clients, in bytes:

{table(["part", "bytes"], rows)}

All of it is in a few arrays; a client that waits has no object, buffer or timer of its own.
"""


def processor_section(results, s):
    heading = f"## Profile: where the time goes with {s['clients']:,} clients and {s['rate']} events a second\n"
    if not results:
        return f"{heading}\nNot measured: `perf` is not there, or may not look into the kernel.\n"
    shares = {name: results["shares"][name] / results["samples"] for name in PARTS}
    rows = [[name, f"{share:.1%}", f"{share * results['cpu']:.2f}"] for name, share in shares.items()]
    ours = sum(share for name, share in shares.items() if name in OURS)
    kernel = sum(share for name, share in shares.items() if name.startswith("kernel"))
    return f"""
{heading}
{results['samples']:,} samples of what the server's threads were doing, by `perf`, and each part's share of the {results['cpu']:.2f} us that one event
to one client cost:

{table(["part", "share", "us"], rows)}

The threads that serve spend {kernel:.0%} in the kernel, nearly all of it in one `send` for each event and client, and {ours:.0%} in
code that could be written otherwise. Receiving is there because both ends are on one machine: to clients elsewhere a network
card does that part. What the log and the other threads do is done once for an event, whatever the number of clients.

To go further, there would have to be fewer sends: events that come together are sent together already, and to hold one back
until the next would be paid for in latency; handing many sends to the kernel at once
does not make them cheaper (see io_uring above). Nothing in
the server's own code can make an event cheaper by more than its share above.
"""
