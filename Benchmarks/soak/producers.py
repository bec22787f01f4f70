"""Programs that post numbered events at a steady rate and keep in the ledger what was acknowledged."""

import http.client
import json
import random
import threading
import time

from abuse.place import OTHERS, PATIENCE

KEYS = [f"key-{number}" for number in range(40)]
# By an event's number modulo 2: what filters go by.
PARITIES = ["even", "odd"]
# One event in so many is larger than a socket's buffer by far.
LARGE_EVERY, LARGE_BYTES = 2000, 200_000


class Producer(threading.Thread):
    """rate: events a second. batch: how many it posts at a time at most. numbers: of the events, shared by all producers."""

    # pylint: disable=too-many-arguments,too-many-instance-attributes
    def __init__(self, port, streams, rate, batch, numbers, ledger, tally, seed):
        super().__init__(daemon=True)
        self._connection = http.client.HTTPConnection("127.0.0.1", port, PATIENCE, source_address=(OTHERS, 0))
        self._streams, self._rate, self._batch, self._numbers = streams, rate, batch, numbers
        self._ledger, self._tally, self._dice = ledger, tally, random.Random(seed)
        self._ending = threading.Event()
        self.failure = None

    def stop(self):
        self._ending.set()
        self.join(PATIENCE * 2)

    def run(self):
        try:
            due = time.monotonic()
            while not self._ending.is_set():
                count = self._dice.randint(1, self._batch)
                self._post([self._event(next(self._numbers)) for _ in range(count)])
                # What could not be posted for a while is not made up for.
                due = max(due + count / self._rate, time.monotonic() - 1)
                self._ending.wait(max(0, due - time.monotonic()))
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure
            raise
        finally:
            self._connection.close()

    def _event(self, number):
        size = LARGE_BYTES if number % LARGE_EVERY == LARGE_EVERY - 1 else self._dice.randint(10, 600)
        return {
            "number": number, "sent": time.monotonic(), "parity": PARITIES[number % 2], "key": self._dice.choice(KEYS),
            "secret": "hidden", "text": "x" * size, "meta": {"stream": self._dice.choice(self._streams), "id": f"soak-{number}"}}

    def _post(self, events):
        body, posted = json.dumps(events, separators=(",", ":")), time.monotonic()
        try:
            self._connection.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            # Nobody knows whether these were stored; they are not posted again, so that each may be there once at most.
            self._connection.close()
            self._tally.posts_failed += 1
            self._ending.wait(0.1)
            return
        if answer.status != 201:
            self._tally.posts_failed += 1
            self._tally.refused[f"posts {answer.status}"] += 1
            if answer.status != 503:
                self._tally.fault("refused", f"a post was answered {answer.status}: {text[:300]!r}")
            self._ending.wait(0.1)
            return
        for place in json.loads(text)["events"]:
            number = int(place["id"].removeprefix("soak-"))
            if not self._ledger.acknowledge(number, (place["topic"], place["partition"]), place["offset"], posted):
                self._tally.fault("wrong", f"event {number} was acknowledged at {place}, where another one was")
