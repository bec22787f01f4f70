"""What the tables of programs that read events from a file begin with: the file, the floor of all of them, and a core of their own."""

import contextlib
import os
import subprocess
import tempfile

from subjects import ROOT, SERVER_CORE, event, recorded_events


@contextlib.contextmanager
def events_and_floor(count):
    """A directory, a file in it with so many events, a line each, and the program that finds only the ends of their strings."""
    make = recorded_events() or event
    with tempfile.TemporaryDirectory(prefix="eventstreams-benchmark-") as directory:
        file, floor = os.path.join(directory, "events"), os.path.join(directory, "floor")
        with open(file, "w", encoding="utf-8") as text:
            text.writelines(make(number) + "\n" for number in range(count))
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", floor, ROOT / "Benchmarks/scan/floor.c"], check=True)
        yield directory, file, floor


def run(*command):
    """What a command prints that has one core."""
    command = ["taskset", "-c", SERVER_CORE, *map(str, command)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=300).stdout
