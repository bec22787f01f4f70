"""What clients and producers count, and what is wrong in it."""

import array
import collections
import sys
import threading

# A fault is told in words so many times; then it is only counted.
MOST_WORDS = 40


class Tally:
    """faults: by kind, such as lost and repeated: 0 is right. gaps: by reason and kind of client. The rest is no fault either."""

    def __init__(self):
        self._lock = threading.Lock()
        self.faults, self.gaps, self.refused = collections.Counter(), collections.Counter(), collections.Counter()
        self.delivered = self.connections = self.posts_failed = 0
        self._times = array.array("d")
        # Events posted after this must not show what is redacted; None: they may.
        self.hidden_since = None

    def fault(self, kind, words, count=1):
        with self._lock:
            self.faults[kind] += count
            is_told = sum(self.faults.values()) - count < MOST_WORDS
        if is_told:
            print(f"{kind}: {words}", file=sys.stderr, flush=True)

    def took(self, seconds):
        """So long after it was posted a client that follows had read an event."""
        self._times.append(seconds)

    def times(self):
        """Those since the last time this was asked for."""
        times, self._times = self._times, array.array("d")
        return times
