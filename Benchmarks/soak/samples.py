"""How the server is, every few seconds, and whether it grows."""

import collections
import dataclasses
import os
import statistics
import time

from abuse.bystanders import percentiles

# So long after its start a process still takes what it needs.
WARMTH = 120
# A slope of fewer seconds says more about what the server does at the moment than about what stays.
SHORTEST_SLOPE = 480
# Samples that a slope is made of: each is the median of as many neighbours as come to that.
SLOPE_POINTS = 40
COLUMNS = ["", "minute", "process", "resident MB", "descriptors", "threads", "CPU s", "clients", "acknowledged", "delivered",
           "lost", "repeated", "other faults", "live p50 ms", "p99"]


@dataclasses.dataclass
class Sample:
    """since: seconds since the process was started. processor: seconds used by all processes up to now."""

    at: float
    generation: int
    since: float
    resident: int
    descriptors: int
    threads: int
    processor: float


class Samples:
    """Of a server, from its start on."""

    def __init__(self, server):
        self._server, self._generation, self._started = server, 0, 0
        self._used, self._used_before = 0, 0
        self.began = time.monotonic()
        self.taken = []

    def take(self):
        """Nothing where there is no process just now."""
        server, now = self._server, time.monotonic()
        if not server.is_up:
            return None
        if server.generation != self._generation:
            self._generation, self._started = server.generation, now
            self._used_before += self._used
            self._used = 0
        try:
            self._used = server.place.processor_seconds()
            sample = Sample(
                now - self.began, self._generation, now - self._started, server.place.resident_bytes(),
                server.place.descriptors(), len(os.listdir(f"/proc/{server.place.pid}/task")), self._used_before + self._used)
        except (OSError, TypeError):
            return None
        self.taken.append(sample)
        return sample

    def growths(self):
        """By generation: seconds watched after it was warm, bytes more at their end, bytes an hour (None: too few seconds)."""
        processes = collections.defaultdict(list)
        for sample in self.taken:
            if sample.since >= WARMTH:
                processes[sample.generation].append(sample)
        found = {}
        for generation, samples in processes.items():
            points = smoothed([(sample.at, sample.resident) for sample in samples])
            seconds = samples[-1].at - samples[0].at
            found[generation] = seconds, points[-1][1] - points[0][1], slope(points) if seconds >= SHORTEST_SLOPE else None
        return found


def smoothed(points):
    width = max(1, len(points) // SLOPE_POINTS)
    pieces = [points[start:start + width] for start in range(0, len(points), width)]
    return [tuple(statistics.median(values) for values in zip(*piece)) for piece in pieces]


def slope(points):
    """An hour's growth: the median of what each two points say, which single peaks don't move (Theil and Sen)."""
    return 3600 * statistics.median(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for number, earlier in enumerate(points) for later in points[number + 1:])


class Report:
    """Lines for minutes, and the table of all."""

    def __init__(self, ledger, tally, crowd):
        self._ledger, self._tally, self._crowd = ledger, tally, crowd
        self._rows, self._newest = [], None

    def cells(self, sample):
        faults = self._tally.faults
        others = sum(faults.values()) - faults["lost"] - faults["repeated"]
        times = ["-" if time_ is None else f"{time_:.1f}" for time_ in percentiles(self._tally.times())]
        return [
            "", f"{sample.at / 60:.1f}", sample.generation, f"{sample.resident / 1e6:.1f}", sample.descriptors, sample.threads,
            f"{sample.processor:.1f}", self._crowd.connected(), self._ledger.acknowledged, self._tally.delivered,
            faults["lost"], faults["repeated"], others, *times]

    def line(self, sample):
        """How it is now, and was since the last line."""
        self._newest = self.cells(sample)
        words = ", ".join(f"{name} {cell}" for name, cell in zip(COLUMNS[1:], self._newest[1:]))
        return f"{words}, gaps {dict(self._tally.gaps)}"

    def keep(self, name):
        """The newest line becomes a row of the table."""
        self._rows.append([name, *self._newest[1:]])

    def table(self):
        rows = [COLUMNS, ["---"] * len(COLUMNS), *self._rows]
        return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)
