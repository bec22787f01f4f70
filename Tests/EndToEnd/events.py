"""Invented events, and their way into the server."""

import itertools
import json
import random

import requests

WORDS = "arch bell cove dune elm fern gorge hill isle jade kelp lake moor nest oak pond quay reef sand tarn".split()

# One stream in three partitions, one in a single partition.
STREAMS = {
    "test.change": {"topics": ["dc1.test.change"], "stream_aliases": ["change"], "partitions": 3,
                    "message_key_fields": {"wiki": "wiki"}, "description": "Changes.", "schema_title": "test/change"},
    "test.page": {"topics": ["dc1.test.page"], "stream_aliases": ["page"], "description": "Pages."},
}


class Events:
    """Events by seed; each has a number, and an id of its own whoever else makes events."""

    _makers = itertools.count(1)

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.made = 0
        self.name = f"event-{next(self._makers)}"

    def next(self, stream="test.page", **fields):
        number = self.made
        self.made += 1
        event = {
            "$schema": "/test/change/1.0.0",
            "number": number,
            "title": " ".join(self.random.choices(WORDS, k=3)),
            "wiki": self.random.choice(["aawiki", "bbwiki", "ccwiki", "ddwiki", "eewiki", "ffwiki"]),
            "comment": self.random.choice(['"quoted" \\ and / ', "Grüße, 世界 🌊", "line\nbreak\r\u2028end", ""]),
            "meta": {"stream": stream, "id": f"{self.name}-{number}", "domain": "test.example"},
        }
        return event | fields

    def list(self, count, stream="test.page", **fields):
        return [self.next(stream, **fields) for _ in range(count)]


def text(event):
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def post_bytes(intake, body, timeout=30):
    return requests.post(intake, data=body, headers={"Content-Type": "application/json"}, timeout=timeout)


def post(intake, events):
    """Stores events, all of them, and returns where each is."""
    places = []
    for start in range(0, len(events), 500):
        answer = post_bytes(intake, b"[" + b",".join(text(event) for event in events[start:start + 500]) + b"]")
        assert answer.status_code == 201, answer.text[:2000]
        places += answer.json()["events"]
    return places


def filler(size):
    """A field that makes an event larger, and that nothing could shorten."""
    return random.Random(size).randbytes(size // 2).hex()
