"""What tables are written with, and the page that they make."""

import os
import pathlib
import platform
import re
import statistics


def spread(numbers, digits=2):
    """The median, with the least and the most where there are several."""
    if len(numbers) == 1:
        return f"{numbers[0]:,.{digits}f}"
    least, median, most = (f"{value:,.{digits}f}" for value in (min(numbers), statistics.median(numbers), max(numbers)))
    return f"{median} ({least} to {most})"


def ratios(numbers, others, digits=2):
    """Round by round: what ran at about the same time is compared."""
    return spread([number / other for number, other in zip(numbers, others)], digits)


def numbers(rounds, measure):
    """One measure's numbers, round by round."""
    return [round_[measure] for round_ in rounds]


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def compared(results, measure, others, digits=2):
    """A table with a row for each server: its numbers, and their ratio to those of the others."""
    return table(
        ["server", "median (least to most)", *(f"times {other}" for other in others)],
        [[name, spread(numbers(rounds, measure), digits),
          *("1" if name == other else ratios(numbers(rounds, measure), numbers(results[other], measure)) for other in others)]
         for name, rounds in results.items()])


def aims(*all_):
    """What was to be reached, and whether it was.

    all_ -- for each aim a sentence, the numbers that tell (their median counts), the test that they must pass, and their
    digits; no numbers: nothing was measured
    """
    lines = []
    for sentence, values, is_reached, digits in all_:
        if values:
            median = statistics.median(values)
            lines.append(f"- Aim: {sentence}. **{'Reached' if is_reached(median) else 'Missed'}**: {spread(values, digits)}.")
    return "\n".join(lines)


def quotients(rounds, others, measure):
    """Round by round, as `ratios`, but the numbers themselves."""
    return [number / other for number, other in zip(numbers(rounds, measure), numbers(others, measure))]


def machine():
    cpu = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {int(memory[1]) / 1024 ** 2:.1f} GiB, "
            f"Linux {platform.release()}, TCP with {congestion}")


def page(sections, s, nchan, commit):
    """The whole page.

    sections -- the tables' texts, each with its heading; empty ones are left out
    """
    head = f"""# Performance

Written by `script/benchmark{' --quick' if s['quick'] else ''}`, which measures all of it anew; no number here is typed.

- Machine: {machine()}. The server has one core, the load and the publisher the other. Everything is on loopback.
- Nchan: {nchan}. eventstreams: commit {commit}, one event loop, every event on the disk before it is acknowledged.
- The floor is [a C program](../Benchmarks/floor/floor.c) that makes one `send` for each client and does nothing else.
- {s['rounds']} rounds, or {s['few']} of what varies less; in each round the servers take turns. A number is the median (least to
  most). Ratios are made round by round.
- CPU is the server's user and system time, of all its threads. What the kernel does for a server on the load's core, such as
  shaking hands and acknowledging, is in none of the numbers.
- Latency begins when the event was due by the publisher's clock, whether or not the answer to the one before it has come: the
  publisher's own delays are in it, and it shares its core with the load. It ends when a client has *read* the event, or when it
  has *arrived*: when the kernel had it for the client, which leaves out how long the load tool took to come to it. Of events that
  were read together, the last one's arrival counts for all.
- The aims are what the server was built to reach; the median decides.
"""
    return "\n".join([head, *(section.strip("\n") + "\n" for section in sections if section)])
