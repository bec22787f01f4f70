"""Has a server of its own work for an hour under load, attacks and faults, and looks whether anything is lost, repeated or grows.

The server keeps its log in a temporary directory, for two minutes, so that events are removed all the time. Producers post
numbered events. Clients of many kinds follow them (SSE and NDJSON, gzip; some are cut off anywhere and resume, some are slow,
some away for too long). Meanwhile the configuration is reloaded, the server is abused, paused, stopped, killed and has no room
on its disk; in the last two fifths it is not restarted any more. Each client must be sent each event that was acknowledged
exactly once over all its connections. Standard error tells what was done; standard output has a line a minute and a table.
Exit code 1: something was lost, repeated, wrong, cut short, or grew beyond the bounds. What took long is only printed.
"""

import argparse
import itertools
import pathlib
import resource
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
import subjects  # noqa: E402
from soak import served  # noqa: E402
from soak.cast import ALL, cast  # noqa: E402
from soak.crowd import Crowd  # noqa: E402
from soak.faults import Faults  # noqa: E402
from soak.ledger import Ledger  # noqa: E402
from soak.producers import Producer  # noqa: E402
from soak.samples import Report, Samples  # noqa: E402
from soak.tally import Tally  # noqa: E402

# Seconds between two samples.
SAMPLED = 5
# Of the run in which the server may be restarted.
RESTARTED = 0.6
# How long clients may take at the end until they have what is there.
PATIENCE = 90


def arguments():
    parser = argparse.ArgumentParser(
        prog="script/soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", metavar="MINUTES", type=float, nargs="?", default=60, help="how long (60)")
    parser.add_argument("--clients", type=int, default=24, help="how many stay; there are as many others (24)")
    parser.add_argument("--rate", type=float, default=200, help="events posted a second (200)")
    parser.add_argument("--every", type=float, help="seconds between two faults (45; short: 1)")
    parser.add_argument("--loops", type=int, default=2, help="the server's event loops (2)")
    parser.add_argument("--retention", type=float, default=120, help="seconds for which events are kept (120)")
    parser.add_argument("--seed", type=int, default=1, help="of what is done when (1)")
    parser.add_argument("--growth", type=float, default=60, metavar="MB", help="what a process may grow by in an hour (60)")
    parser.add_argument("--most-memory", type=float, default=600, metavar="MB", help="memory that a process may have (600)")
    parser.add_argument("--descriptors", type=int, default=20, help="more than at the start when all clients have left (20)")
    parser.add_argument("--threads", type=int, default=2, help="threads more than at the start (2)")
    parser.add_argument("--short", action="store_true", help="each fault soon and small, for a run of half a minute")
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help="a setting of the server; may be repeated")
    given = parser.parse_args()
    if wrong := [text for text in given.set if "=" not in text]:
        parser.error(f"--set takes KEY=VALUE, not {wrong[0]!r}")
    if given.every is None:
        given.every = 1 if given.short else 45
    for name in ("minutes", "clients", "rate", "every", "loops", "retention"):
        if getattr(given, name) <= 0:
            parser.error(f"{name} must be above 0")
    if not pathlib.Path(subjects.BINARY).exists():
        parser.error(f"there is no {subjects.BINARY}; build it: swift build -c release --product eventstreams")
    return given


class Soak:
    """A run: what works in it, and what is found."""

    # pylint: disable=too-many-instance-attributes
    def __init__(self, server, given):
        self.server, self.given = server, given
        self.ledger, self.tally = Ledger(), Tally()
        self.found = []
        numbers = itertools.count()
        # A tenth of the events comes alone.
        self.producers = [
            Producer(
                server.place.intake, streams, given.rate * share, batch, numbers, self.ledger, self.tally, given.seed + batch)
            for streams, share, batch in (([served.CHANGES], 0.4, 50), (ALL, 0.5, 30), (ALL, 0.1, 1))]
        self.crowd = Crowd(
            server.place.port, cast(given.clients, given.retention, self.ledger, self.tally), self.tally, given.seed)
        self.samples, self.report = Samples(server), Report(self.ledger, self.tally, self.crowd)
        self.faults = Faults(
            server, self.crowd, self.ledger, self.tally, every=given.every, short=given.short, seed=given.seed, say=self.say,
            restarts_until=time.monotonic() + given.minutes * 60 * (1 if given.short else RESTARTED))

    def say(self, text):
        print(f"{(time.monotonic() - self.samples.began) / 60:.1f}: {text}", file=sys.stderr, flush=True)

    def work(self):
        """Returns when the time is over, all clients have had the time to get what there is, and all have left."""
        at_rest = self.samples.take()
        self.crowd.start()
        for thread in (*self.producers, self.faults):
            thread.start()
        try:
            self._watch()
            self.faults.stop()
            for producer in self.producers:
                producer.stop()
            if not self.found:
                self._let_clients_catch_up()
        finally:
            self.faults.stop()
            for producer in self.producers:
                producer.stop()
            self.crowd.stop()
        if not self.found:
            self.faults.check_log()
            self._compare(at_rest)

    def _watch(self):
        length = self.given.minutes * 60
        # The first line comes when all are there.
        rows = [
            (min(5, length / 20), "start"), (length / 4, "a quarter"), (length / 2, "half"), (length * 3 / 4, "three quarters")]
        began, reported = time.monotonic(), 0
        while (passed := time.monotonic() - began) < length:
            is_row = rows and passed >= rows[0][0]
            sample = self.samples.take()
            if sample and (is_row or reported and passed - reported >= min(60, length / 8)):
                reported = passed
                print(self.report.line(sample), flush=True)
                if is_row:
                    self.report.keep(rows.pop(0)[1])
            time.sleep(min(SAMPLED, length / 100))
            if not self._is_well():
                return

    def _is_well(self):
        for thread in (self.crowd, self.faults, *self.producers):
            if thread.failure:
                self.found.append(f"{type(thread).__name__} ended: {thread.failure!r}")
        try:
            self.server.check()
        except served.Died as death:
            self.found.append(str(death))
        return not self.found

    def _let_clients_catch_up(self):
        self.crowd.finish(self.ledger.ends())
        deadline = time.monotonic() + PATIENCE
        while (behind := self.crowd.behind()) and time.monotonic() < deadline and self._is_well():
            time.sleep(0.5)
        for name, missing in behind.items():
            self.tally.fault("lost", f"{name} was not sent {missing[:3]} and so on", len(missing))
        if sample := self.samples.take():
            print(self.report.line(sample), flush=True)
            self.report.keep("end")

    def _compare(self, at_rest):
        """The server without clients with what it was before there were any."""
        grown = ["the server was gone at the end"]
        deadline = time.monotonic() + PATIENCE
        while (sample := self.samples.take()) and time.monotonic() < deadline:
            grown = [
                f"{now - before} {name} more than at the start" for name, now, before, most in (
                    ("descriptors", sample.descriptors, at_rest.descriptors, self.given.descriptors),
                    ("threads", sample.threads, at_rest.threads, self.given.threads)) if now - before > most]
            if clients := self.server.place.metric("eventstreams_connected_clients"):
                grown.append(f"{clients:.0f} clients are still counted though none is there")
            if not grown:
                break
            time.sleep(1)
        else:
            self.found += grown

    def conclude(self):
        """Prints the table; returns what is wrong."""
        print(self.report.table())
        tally, given = self.tally, self.given
        print(f"faults done: {', '.join(self.faults.done)}")
        print(f"connections {tally.connections}, gaps {dict(tally.gaps)}, refused {dict(tally.refused)}, "
              f"posts failed {tally.posts_failed}")
        for generation, (seconds, bytes_, slope) in self.samples.growths().items():
            hourly = "too short for a slope" if slope is None else f"{slope / 1e6:+.1f} MB an hour"
            print(f"process {generation}: {bytes_ / 1e6:+.1f} MB in {seconds / 60:.1f} minutes when warm, {hourly}")
            if slope is not None and slope > given.growth * 1e6:
                self.found.append(f"process {generation} grew by {slope / 1e6:.0f} MB an hour")
        most = max((sample.resident for sample in self.samples.taken), default=0) / 1e6
        print(f"most resident memory {most:.1f} MB")
        if most > given.most_memory:
            self.found.append(f"it had {most:.0f} MB resident")
        if not self.ledger.acknowledged or not tally.delivered:
            self.found.append("nothing was posted, or nothing came")
        self.found += [f"{count} {kind}" for kind, count in tally.faults.items() if count]
        return self.found


def main():
    given = arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Ended from outside, too, it ends the server and removes the directory.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    settings = dict(text.split("=", 1) for text in given.set)
    with tempfile.TemporaryDirectory(prefix="soak") as directory:
        server = served.Served(pathlib.Path(directory), given.loops, given.retention, settings)
        try:
            server.start()
            soak = Soak(server, given)
            soak.work()
            found = soak.conclude()
            if not found:
                server.stop()
        finally:
            server.end()
    print("\n".join(found) if found else "Nothing was lost or repeated, and nothing grew.", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
