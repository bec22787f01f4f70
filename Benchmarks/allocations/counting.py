"""Allocations and locks of a server's threads, counted by count.c while it works."""

import pathlib
import struct
import subprocess

SOURCE = pathlib.Path(__file__).with_name("count.c")
PLACE = struct.Struct("=4Q")
NAMES = ("allocations", "mutexes", "futexes")


def build(directory):
    """Compiles count.c. Returns the library."""
    library = pathlib.Path(directory) / "count.so"
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    return library


def environment(library, file):
    """What a program's environment needs for it to be counted in a file."""
    return {"LD_PRELOAD": str(library), "COUNT_FILE": str(file)}


def counts(pid, file, thread="http-"):
    """By name, of a process's threads whose name begins so: those that serve clients, if not told otherwise."""
    names = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            names[int(task.name)] = (task / "comm").read_text()
        except OSError:  # It is gone.
            pass
    places = [place for place in PLACE.iter_unpack(pathlib.Path(file).read_bytes()) if place[0]]
    assert places, "nothing was counted"
    mine = [place[1:] for place in places if names.get(place[0], "").startswith(thread)]
    assert mine, f"no thread is called {thread}*"
    return dict(zip(NAMES, map(sum, zip(*mine))))


def counted(read):
    """For `clients.cost`: what `read` returns, from before to after."""
    def run(work):
        before = read()
        work()
        return {name: number - before[name] for name, number in read().items()}

    return run
