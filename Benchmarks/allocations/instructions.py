"""Instructions of a server's loops by function, and the atomic ones among them: counted by valgrind while it works.

A lock that is free costs one atomic instruction and no call, so that nothing but the instructions themselves shows it:
every mutex, reference count and queue between threads is one that reads, changes and writes memory at once.
"""

import collections
import functools
import pathlib
import re
import subprocess

# Whoever runs this is a loop that serves clients.
SENDER = re.compile(r"HTTPExchanges\.write|HTTPExchangesC5write")
ATOMIC = re.compile(r"\s+([0-9a-f]+):\s+(?:lock |xchg .*\()")
# What is atomic and no lock of ours: references counted, and glibc's `send` saying that it may be cancelled.
COUNTS_OF_REFERENCES = re.compile(r"swift_(retain|release|bridgeObject)|RefCount|swift_isUniquelyReferenced")
CANCELLATION = re.compile(r"asynccancel")
# How glibc keeps its own books; what is allocated is counted by count.c.
HEAP = re.compile(r"^(_int_)?(malloc|calloc|realloc|free|memalign|munmap_chunk|tcache|sysmalloc|systrim)")


def prepared(binary, directory):
    """A copy of the binary that valgrind takes: it doesn't know all debug information."""
    copy = pathlib.Path(directory) / "without-debug-information"
    subprocess.run(["strip", "-g", "-o", copy, binary], check=True)
    return copy


def command(copy, directory):
    """What to start instead of a binary that was prepared."""
    return [
        "valgrind", "--tool=callgrind", "--dump-instr=yes", "--dump-line=no", "--compress-strings=no", "--compress-pos=no",
        "--separate-threads=yes", "--fair-sched=yes", f"--callgrind-out-file={directory}/instructions", copy]


@functools.cache
def atomics(binary):
    """The addresses of a binary's atomic instructions."""
    if not pathlib.Path(binary).exists():
        return frozenset()
    text = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", binary], capture_output=True, text=True, check=True).stdout
    return frozenset(int(match[1], 16) for match in map(ATOMIC.match, text.splitlines()) if match)


def read(file):
    """Of one thread, by ("instructions" or "atomic", function): how many. Nothing where it is no loop's."""
    found, calls_follow = collections.Counter(), False
    binary = function = ""
    is_loop = False
    for line in pathlib.Path(file).read_text(errors="replace").splitlines():
        name, equals, value = line.partition("=")
        if line.startswith("0x"):
            # After a call comes what was done in it, which is told where it was done too.
            if not calls_follow:
                address, count = line.split()
                found["instructions", function] += int(count)
                if int(address, 16) in atomics(binary):
                    found["atomic", function] += int(count)
            calls_follow = False
        elif equals and name == "ob":
            binary = value
        elif equals and name == "fn":
            # A function that calls itself has a name for each depth.
            function = re.sub(r"'\d+$", "", value)
            is_loop = is_loop or bool(SENDER.search(function))
        elif name == "calls":
            calls_follow = True
    return found if is_loop else collections.Counter()


def counted(pid, directory):
    """For `clients.cost`."""
    def control(option):
        subprocess.run(["callgrind_control", option, str(pid)], check=True, stdout=subprocess.DEVNULL, timeout=60)

    def run(work):
        control("--zero")
        work()
        before = set(pathlib.Path(directory).glob("instructions.*"))
        control("--dump")
        files = set(pathlib.Path(directory).glob("instructions.*")) - before
        return sum(map(read, files), collections.Counter())

    return run


def is_lock(function):
    """Whether an atomic instruction there may be one that takes or gives back a lock, or talks to another thread."""
    return not any(others.search(function) for others in (COUNTS_OF_REFERENCES, CANCELLATION, HEAP))
