"""What is known of the log: which event has which place, by the word of the server to those who post and to those who read."""

import array
import collections
import threading

UNKNOWN = -1


class Ledger:
    """Events have numbers from 0 on. A partition is a pair, its topic and its number; a place is a partition and an offset."""

    def __init__(self):
        self._lock = threading.Lock()
        # By offset, the event's number.
        self._numbers = collections.defaultdict(lambda: array.array("q"))
        # By partition, the offset behind the last acknowledged one.
        self._ends = collections.defaultdict(int)
        # By number, when the post began, which precedes the time the server gave the event; 0: not acknowledged.
        self._posted = array.array("d")
        self._places = {}
        self.acknowledged = 0

    def acknowledge(self, number, partition, offset, posted):
        """False: the server has said something else of this place or this event."""
        with self._lock:
            is_new = self._note(number, partition, offset)
            self._ends[partition] = max(self._ends[partition], offset + 1)
            while len(self._posted) <= number:
                self._posted.append(0)
            self._posted[number] = posted
            self.acknowledged += 1
            return is_new

    def see(self, number, partition, offset):
        """A client was sent this event. False: the server has said something else of this place or this event."""
        with self._lock:
            return self._note(number, partition, offset)

    def _note(self, number, partition, offset):
        numbers = self._numbers[partition]
        while len(numbers) <= offset:
            numbers.append(UNKNOWN)
        if numbers[offset] == UNKNOWN:
            numbers[offset] = number
        # Not kept for ever: an event that is stored twice is so within moments.
        place = self._places.setdefault(number, (partition, offset))
        if len(self._places) > 100_000:
            for old in list(self._places)[:50_000]:
                del self._places[old]
        return numbers[offset] == number and place == (partition, offset)

    def number(self, partition, offset):
        """UNKNOWN where nobody was told."""
        with self._lock:
            numbers = self._numbers.get(partition, ())
            return numbers[offset] if offset < len(numbers) else UNKNOWN

    def ends(self):
        with self._lock:
            return dict(self._ends)

    def acknowledged_since(self, posted):
        """The places of all acknowledged events whose post began after a time, with their numbers."""
        with self._lock:
            return {
                (partition, offset): number for partition, numbers in self._numbers.items()
                for offset, number in enumerate(numbers)
                if 0 <= number < len(self._posted) and self._posted[number] > posted}
