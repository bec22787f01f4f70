"""Writes the numbers of a run as a page."""

import os
import pathlib
import platform
import re
import statistics

from measures import HELD


def spread(numbers, digits=2):
    """The median, with the least and the most."""
    least, median, most = (f"{value:,.{digits}f}" for value in (min(numbers), statistics.median(numbers), max(numbers)))
    return f"{median} ({least} to {most})"


def ratios(numbers, others):
    """Round by round: what ran at about the same time is compared."""
    return spread([number / other for number, other in zip(numbers, others)])


def machine():
    cpu = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {int(memory[1]) / 1024 ** 2:.1f} GiB, "
            f"Linux {platform.release()}")


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def compared(results, measure, others, digits=2):
    """A table with a row for each server: its numbers, and their ratio to those of the others."""
    def numbers(name):
        return [round_[measure] for round_ in results[name]]

    return table(
        ["server", "median (least to most)", *(f"times {other}" for other in others)],
        [[name, spread(numbers(name), digits),
          *("1" if name == other else ratios(numbers(name), numbers(other)) for other in others)] for name in results])


def gzip_section(results):
    """What compression costs and saves. Nothing where there were no recorded events."""
    rows = []
    for (clients, rate, coding), rounds in results.items():
        plain = results[clients, rate, "uncompressed"]
        cpu, sizes = ([[round_[name] for round_ in some] for some in (rounds, plain)] for name in ("cpu", "bytes"))
        is_plain = coding == "uncompressed"
        rows.append([
            f"{clients:,} clients, {rate} events a second, {coding}", spread(cpu[0]), "1" if is_plain else ratios(*cpu),
            spread(sizes[0], 0), "1" if is_plain else ratios(*reversed(sizes))])
    if not rows:
        return ""
    header = ["load", "server CPU for one event to one client, us", "times uncompressed", "bytes", "times smaller"]
    return f"""
## Gzip: recorded recent changes, one at a time

An event is compressed once, whatever the number of clients; each is sent and can be read at once.

{table(header, rows)}
"""


def page(run):
    fan_out, memory = run["fan_out"], run["memory"]
    settings = run["settings"]
    tool = [round_["tool"] for rounds in fan_out.values() for round_ in rounds]
    late = [(name, round_["share"]) for name, rounds in fan_out.items() for round_ in rounds if round_["share"] <= HELD]
    disturbed = ("In every measurement the rate was held." if not late else
                 "The machine had other things to do: in some measurements fewer of the events came in time ("
                 + ", ".join(f"{name} {share:.0%}" for name, share in late) + "), which makes events cheaper.")
    sizes = ", ".join(f"{name} {statistics.median(r['bytes'] for r in rounds):.0f}" for name, rounds in fan_out.items())
    histories = [
        [f"{clients} client{'s' if clients > 1 else ''}, from {where}",
         spread([round_["per_core"] for round_ in rounds], 0), spread([round_["per_second"] for round_ in rounds], 0),
         spread([round_["tool"] for round_ in rounds])]
        for (where, clients), rounds in run["histories"].items()
    ]
    return f"""# Performance

Written by `script/benchmark{' --quick' if settings['quick'] else ''}`, which measures all of it anew; no number here is typed.

- Machine: {machine()}. The server has one core, the load and the publisher the other. Everything is on loopback.
- Nchan: {run['nchan']}. eventstreams: commit {run['commit']}, one event loop, every event on the disk before it is acknowledged.
- The floor is [a C program](../Benchmarks/floor/floor.c) that makes one `send` for each client and does nothing else.
- {settings['rounds']} rounds; in each round the servers take turns. A number is the median (least to most). Ratios are made round by round.
- CPU is the server's user and system time, of all its threads.

## Live: {settings['clients']:,} clients, {settings['rate']} events a second of about a kilobyte

Server CPU for one event to one client, in microseconds:

{compared(fan_out, 'cpu', ['floor', 'Nchan'])}

{disturbed}

Latency from the publisher's clock, taken before it posts, until a client has read the event. An event goes to all
{settings['clients']:,} clients one after another, so that most of it is the time the others take. Milliseconds:

{table(['server', 'half of all within', '99 of 100 within'],
       [[name, spread([r['p50'] for r in rounds]), spread([r['p99'] for r in rounds])] for name, rounds in fan_out.items()])}

Bytes of an event, with framing: {sizes}. The load tool itself used {spread(tool)} us for an event.

## Idle: {settings['idle']:,} clients that wait

Resident memory a client, in bytes. What the kernel keeps for a socket comes on top, the same for all. The floor's is in two
fixed arrays, most of which are there before any client is.

{compared(memory, 'memory', ['Nchan'], digits=0)}

## History: {settings['events']:,} events asked for at once

Each client asks for all of them. "A core" counts events by the server's CPU seconds, "a second" by the clock. The floor and
Nchan have no history to compare with: Nchan keeps messages in memory only.

{table(['load', 'events a second of a core', 'events a second', "load tool's us an event"], histories)}
{gzip_section(run['gzip'])}"""
