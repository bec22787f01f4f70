"""What tables are written with, and the page that they make."""

import os
import pathlib
import platform
import re
import statistics


def spread(numbers, digits=2):
    """The median, with the least and the most."""
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


def machine():
    cpu = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {int(memory[1]) / 1024 ** 2:.1f} GiB, "
            f"Linux {platform.release()}")


def page(sections, s, nchan, commit):
    """The whole page.

    sections -- the tables' texts, each with its heading; empty ones are left out
    """
    head = f"""# Performance

Written by `script/benchmark{' --quick' if s['quick'] else ''}`, which measures all of it anew; no number here is typed.

- Machine: {machine()}. The server has one core, the load and the publisher the other. Everything is on loopback.
- Nchan: {nchan}. eventstreams: commit {commit}, one event loop, every event on the disk before it is acknowledged.
- The floor is [a C program](../Benchmarks/floor/floor.c) that makes one `send` for each client and does nothing else.
- {s['rounds']} rounds at most; in each round the servers take turns. A number is the median (least to most). Ratios are made round by round.
- CPU is the server's user and system time, of all its threads.
"""
    return "\n".join([head, *(section.strip("\n") + "\n" for section in sections if section)])
