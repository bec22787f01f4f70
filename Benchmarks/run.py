"""Measures our server beside others and writes docs/performance.md. Start it by script/benchmark."""

import argparse
import importlib
import pathlib
import resource
import subprocess
import sys
import time

import report
from measures import Disturbed, Lossy
from subjects import ROOT, pin_to_load_core

# In the page's order. Each is a file of tables/ with two functions: `measure(s, say)` takes the settings and a function that
# tells how far it is, and returns results; `section(results, s)` makes them a part of the page, or nothing ("").
TABLES = [
    "live",
    "latency",
    "idle",
    "tls",
    "storms",
    "history",
    "replay_live",
    "gzip",
    "intake",
    "scan",
    "filter",
    "filtered",
    "schema",
    "allocations",
    "io_uring",
    "loops",
    "profile",
    "before",
]


def say(text):
    print(text, file=sys.stderr, flush=True)


def settings(quick):
    """How much of everything: `few` rounds are enough for what varies less."""
    full = {"quick": False, "rounds": 5, "few": 3, "clients": 1000, "rate": 100, "seconds": 10, "idle": 15_000,
            "events": 100_000, "storm": 10_000}
    return full | {"quick": True, "rounds": 7, "few": 3, "seconds": 4, "events": 20_000} if quick else full


def text_of(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()


def arguments():
    parser = argparse.ArgumentParser(prog="script/benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, less time; the numbers are rougher")
    parser.add_argument("--only", metavar="TABLE,...", help=f"prints these tables and writes no page: {', '.join(TABLES)}")
    parser.add_argument("--renew", metavar="TABLE,...", help="measures these tables anew and puts them in their places in the page")
    parser.add_argument("--before", metavar="PROGRAM", type=lambda path: pathlib.Path(path).resolve(),
                        help="compares with this `eventstreams`, in turns (table before)")
    parser.add_argument("--output", default=ROOT / "docs/performance.md", help="the page to write")
    given = parser.parse_args()
    some = given.only or given.renew
    given.tables = some.split(",") if some else TABLES
    if unknown := [name for name in given.tables if name not in TABLES]:
        parser.error(f"there is no table {', '.join(unknown)}; the tables are: {', '.join(TABLES)}")
    return given, parser


def measured(name, s):
    """A table's section, and whether it could be measured."""
    table = importlib.import_module(f"tables.{name}")
    began = time.monotonic()
    try:
        text, is_good = table.section(table.measure(s, say), s), True
    except (Disturbed, Lossy, OSError, RuntimeError, subprocess.SubprocessError) as failure:
        say(f"{name} could not be measured: {type(failure).__name__}: {failure}")
        text, is_good = f"## {name.replace('_', ' ').capitalize()}\n\nCould not be measured: {type(failure).__name__}.\n", False
    say(f"{name} took {time.monotonic() - began:.0f} s")
    return text, is_good


def renewed(page, names, sections, commit):
    """The page with these sections in the places of those that it has."""
    # The last table is left out of the page, and the one before it is the only one with two sections.
    parts = page.split("\n## ")
    for name, section in zip(names, sections):
        parts[1 + TABLES.index(name)] = f"{section.strip()[3:]}\n\nMeasured apart from the rest, at commit {commit}.\n"
    return "\n## ".join(parts)


def main():
    given, parser = arguments()
    s = settings(given.quick) | {"before": given.before}
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < s["idle"] + 200:
        parser.error(f"{s['idle']} clients need as many descriptors, and the limit (ulimit -n -H) is {most}")
    pin_to_load_core()
    sections, are_good = zip(*(measured(name, s) for name in given.tables))
    if given.only:
        print("\n".join(section.strip("\n") + "\n" for section in sections if section))
    elif given.renew:
        path, commit = pathlib.Path(given.output), text_of("git", "describe", "--always", "--dirty")
        path.write_text(renewed(path.read_text(encoding="utf-8"), given.tables, sections, commit), encoding="utf-8")
        say(f"renewed: {given.output}")
    else:
        nchan = (text_of("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan") + " in nginx "
                 + text_of("dpkg-query", "-W", "-f", "${Version}", "nginx"))
        with open(given.output, "w", encoding="utf-8") as file:
            file.write(report.page(sections, s, nchan, text_of("git", "describe", "--always", "--dirty")))
        say(f"written: {given.output}")
    return 0 if all(are_good) else 1


if __name__ == "__main__":
    sys.exit(main())
