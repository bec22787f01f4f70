"""Abuses a server in one way after the other, and prints what each attack cost and what the others noticed of it.

Starts a server of its own with its log in a temporary directory. Clients follow a stream (from 127.0.2.0/24), a program posts and a
watchdog asks /healthz (from 127.0.0.4) while the abuser (127.0.0.3) works. Exit code 1: something was lost, cut off or dead;
what took long is only printed.
"""

import argparse
import os
import pathlib
import resource
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
import subjects  # noqa: E402
from abuse import attacks, place  # noqa: E402
from abuse.bench import Bench, faults  # noqa: E402

COLUMNS = ["attack", "requests", "refused", "its CPU s", "live p50 / p99 ms before", "meanwhile", "posts p50 / p99 ms before",
           "meanwhile", "checks failed", "posts failed", "cut off", "server CPU s", "memory MB", "as before after s"]

ALL = attacks.YARDSTICKS | attacks.ATTACKS
# Events a second to all who follow: what the one process that reads for them can take.
MOST_SENT = 20_000


def say(text):
    print(text, file=sys.stderr, flush=True)


class Abused(subjects.EventStreams):
    """Our server with its limits as they are by default, on all cores."""

    cores = f"0-{os.cpu_count() - 1}"

    def start(self):
        (self.directory / "streams.json").write_text(subjects.compact({"streams": place.STREAMS}))
        intake, self.admin, tls = subjects.free_port(), subjects.free_port(), subjects.free_port()
        chain, key = subjects.certificate(self.directory)
        settings = {
            "streams.config": self.directory / "streams.json", "http.public_dir": subjects.ROOT / "public", "tls.port": tls,
            "tls.certificates": chain, "tls.keys": key} | self.settings
        self.launch(
            subjects.BINARY, "serve", "--host", "127.0.0.1", "--port", self.port, "--intake-port", intake, "--admin-port",
            self.admin, "--data-dir", self.directory / "data",
            *(word for key, value in settings.items() for word in ("--set", f"{key}={value}")),
            env=subjects.environment())
        self.wait_until_ready(self.admin)
        self.place = place.Place(self.port, intake, self.admin, self.pid, tls)
        return self


def arguments():
    names = "\n".join(f"  {name:18} {step.__doc__}" for name, step in ALL.items())
    parser = argparse.ArgumentParser(
        prog="script/abuse", description=__doc__, epilog=f"attacks:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="ATTACK,...", help="these attacks alone")
    parser.add_argument("--seconds", type=float, help="how long each attack takes at most (5; short: 1)")
    parser.add_argument("--clients", type=int, help="how many follow meanwhile (1000; short: 20)")
    parser.add_argument("--connections", type=int, help="how many an attack holds at most (500; short: 50)")
    parser.add_argument(
        "--rate", type=float, help="events posted a second (20; with more than 1,000 clients so many that 20,000 are sent)")
    parser.add_argument("--short", action="store_true", help="a little of everything, in less than a minute")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="a setting of the server; may be repeated")
    given = parser.parse_args()
    given.attacks = given.only.split(",") if given.only else list(ALL)
    if unknown := [name for name in given.attacks if name not in ALL]:
        parser.error(f"there is no attack {', '.join(unknown)}; --help lists them")
    if wrong := [text for text in given.set if "=" not in text]:
        parser.error(f"--set takes KEY=VALUE, not {wrong[0]!r}")
    for name, short, full in (("seconds", 1, 5), ("clients", 20, 1000), ("connections", 50, 500)):
        value = getattr(given, name)
        setattr(given, name, (short if given.short else full) if value is None else value)
        if getattr(given, name) <= 0:
            parser.error(f"--{name} must be above 0")
    if given.rate is None:
        given.rate = min(20, MOST_SENT / given.clients)
    elif given.rate <= 0:
        parser.error("--rate must be above 0")
    return given, parser


def pair(times):
    return " / ".join("-" if time is None else f"{time:.1f}" for time in times)


def row(result):
    before, during, after, cost = (result[name] for name in ("before", "during", "after", "cost"))
    used = result["server_seconds"]
    return [
        result["attack"], cost["requests"], cost["failures"], f"{cost['cpu']:.1f}", pair(before["live"]["times"]),
        pair(during["live"]["times"]), pair(before["posts"]["times"]), pair(during["posts"]["times"]),
        during["health"]["failures"] + after["health"]["failures"], during["posts"]["failures"] + after["posts"]["failures"],
        during["live"]["cut"] + after["live"]["cut"], "-" if used is None else f"{used:.1f}",
        f"{result['most_memory'] / 1e6:+.0f}", f"{result['aftermath']:.1f}"]


def line(cells):
    return "| " + " | ".join(map(str, cells)) + " |"


def main():
    given, parser = arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < given.clients + given.connections + 200:
        parser.error(f"so many connections need as many descriptors, and the limit (ulimit -n -H) is {most}")
    if not pathlib.Path(subjects.BINARY).exists():
        parser.error(f"there is no {subjects.BINARY}; build it: swift build -c release --product eventstreams")
    # Ended from outside, too, it ends the server and removes the directory.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    found = []
    settings = dict(text.split("=", 1) for text in given.set)
    with tempfile.TemporaryDirectory(prefix="abuse") as directory, Abused(directory, **settings) as server:
        server.place.fill()
        with Bench(
                server.place, given.clients, given.rate, given.connections,
                most=500 if given.short else round(attacks.REQUESTS_A_SECOND * given.seconds)) as bench:
            print(line(COLUMNS), line(["---"] * len(COLUMNS)), sep="\n", flush=True)
            for name in given.attacks:
                result = bench.attack(name, given.seconds)
                print(line(row(result)), flush=True)
                for fault in faults(result):
                    found.append(fault)
                    say(f"{name}: {fault}")
                if not result["is_alive"]:
                    break
    say(f"{len(found)} faults" if found else "Nothing was lost, cut off or dead.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
