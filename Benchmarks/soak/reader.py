"""One client over all its connections: what it asks for, what it must get, and when it leaves and comes back."""

import dataclasses
import json
import time

from .ledger import UNKNOWN


@dataclasses.dataclass(frozen=True)
class Habit:
    """How a client behaves. Each time is a function of dice, in seconds.

    stays, reads: a connection is cut after so long, or so many bytes; None: it is kept. rests: how long it is away then.
    naps: how long it reads nothing after each read; None: it reads on. misses: reasons of gaps that it brings on itself.
    returns: it comes back with what it had last; else it begins anew by the query that `begins` makes.
    """

    stays: object = None
    reads: object = None
    rests: object = lambda dice: 0.05 + dice.random() * 0.2
    naps: object = None
    misses: tuple = ()
    returns: bool = True
    begins: object = lambda dice: ""


class Reader:
    """partitions: those that are there when it begins. query: a filter, which lets through events with numbers of this parity."""

    # pylint: disable=too-many-arguments,too-many-instance-attributes
    def __init__(self, name, source, streams, partitions, habit, ledger, tally, *, format_="sse", gzip=False, ids="json",
                 query="", parity=None):
        self.name, self.source, self.streams, self.habit = name, source, streams, habit
        self.format, self._gzip, self._ids, self._query, self._parity = format_, gzip, ids, query, parity
        self._partitions, self._ledger, self._tally = partitions, ledger, tally
        self._last_id, self._nexts, self._began = None, {}, 0
        # Whether it knows of each partition what comes next: then a new partition begins at 0.
        self._is_placed = False
        # Places behind a filter, of which it is not known yet which event is there.
        self._passed = []

    def request(self, dice):
        query = ["heartbeat=5", f"format={self.format}", *filter(None, [self._query])]
        fields = [f"GET /v2/stream/{','.join(self.streams)}?", "Host: soak"]
        if self._gzip:
            fields.append("Accept-Encoding: gzip")
            query.append("encoding=gzip")
        if not self.habit.returns:
            self._nexts, self._is_placed = {}, False
            query += filter(None, [self.habit.begins(dice)])
        elif self._last_id:
            fields.append(f"Last-Event-ID: {self._last_id}")
            query.append(f"ids={self._ids}")
        elif self.format == "ndjson":
            if not self._is_placed:
                self._nexts, self._is_placed = dict.fromkeys(self._partitions, 0), True
            fields.append("Last-Event-ID: " + json.dumps([
                {"topic": topic, "partition": partition, "offset": offset}
                for (topic, partition), offset in self._nexts.items()]))
        fields[0] += "&".join(query) + " HTTP/1.1"
        self._began = time.monotonic()
        return "\r\n".join(fields).encode() + b"\r\n\r\n"

    def take(self, kind, id_, data):
        if kind == "message" and data is not None:
            self._take_event(data)
        elif kind == "gap":
            self._take_gap(data)
        elif kind == "error":
            self._tally.refused[data.get("type", "error")] += 1
        if id_ is not None:
            self._last_id = id_
            if not self._is_placed and id_.startswith("["):
                for entry in json.loads(id_):
                    self._nexts.setdefault((entry["topic"], entry["partition"]), entry["offset"])
                self._is_placed = True

    def _take_event(self, event):
        meta, number = event["meta"], event["number"]
        partition, offset = (meta["topic"], meta["partition"]), meta["offset"]
        self._tally.delivered += 1
        expected = self._nexts.get(partition, 0 if self._is_placed else offset)
        if offset < expected:
            self._tally.fault("repeated", f"{self.name} was sent {partition} {offset} when {expected} was next")
        elif offset > expected:
            self._pass_over(partition, expected, offset)
        self._nexts[partition] = max(expected, offset + 1)
        if not self._wants(number):
            self._tally.fault("wrong", f"{self.name} was sent event {number}, which its filter hides")
        if not self._ledger.see(number, partition, offset):
            self._tally.fault("wrong", f"{self.name} was sent event {number} at {partition} {offset}, where another one was")
        if "secret" in event and self._tally.hidden_since and event["sent"] > self._tally.hidden_since:
            self._tally.fault("shown", f"{self.name} was sent event {number} with what is redacted")
        if self.habit.stays is self.habit.naps is None and event["sent"] > self._began:
            self._tally.took(time.monotonic() - event["sent"])

    def _wants(self, number):
        return self._parity in (None, number % 2)

    def _pass_over(self, partition, start, end):
        if self._parity is None:
            self._tally.fault("lost", f"{self.name} was not sent {partition} {start} to {end - 1}", end - start)
        else:
            self._passed += [(partition, offset) for offset in range(start, end)]
            self.settle()

    def settle(self):
        """Looks at what its filter hid, as far as it is known what that was."""
        unknown = []
        for partition, offset in self._passed:
            number = self._ledger.number(partition, offset)
            if number == UNKNOWN:
                unknown.append((partition, offset))
            elif self._wants(number):
                self._tally.fault("lost", f"{self.name} was not sent event {number} at {partition} {offset}")
        self._passed = unknown

    def _take_gap(self, gap):
        reason, partition = gap["reason"], (gap["topic"], gap.get("partition"))
        self._tally.gaps[f"{reason}, {self.name.split()[0]}"] += 1
        if reason not in self.habit.misses:
            self._tally.fault("gap", f"{self.name} was told {gap}")
        expected, start, goes_on = self._nexts.get(partition), gap.get("from"), gap.get("to")
        if None not in (expected, start) and start > expected:
            self._pass_over(partition, expected, start)
        if goes_on is not None:
            self._nexts[partition] = max(expected or 0, goes_on)

    def behind(self, ends):
        """Acknowledged places that it has not been sent."""
        missing = []
        for (topic, partition), end in ends.items():
            if (topic, partition) in self._nexts or (self._is_placed and topic in self.streams):
                for offset in range(self._nexts.get((topic, partition), 0), end):
                    number = self._ledger.number((topic, partition), offset)
                    if number != UNKNOWN and self._wants(number):
                        missing.append(((topic, partition), offset))
        return missing
