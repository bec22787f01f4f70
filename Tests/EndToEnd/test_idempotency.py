"""Events that are sent again are stored once: over a server's death, and on several servers of one cluster."""

import collections
import gzip
import os
import pathlib
import tempfile
import threading
import time
import uuid

import pytest
import requests

from clients import read_events
from events import filler, post_bytes, text
from server import eventually

POSTERS = 200
STREAM = "test.change"


def batch(poster, number, size=3):
    """A poster's events: some with an id, some that leave that to the request's key."""
    events = []
    for place in range(size):
        meta = {"stream": STREAM} | ({"id": str(uuid.uuid4())} if place % 2 else {})
        events.append({"wiki": f"w{poster % 7}", "number": f"{poster}-{number}-{place}", "meta": meta})
    return events


class Poster(threading.Thread):
    """Posts until each of its batches was answered with success; sends again what was not."""

    def __init__(self, number, places, count):
        super().__init__()
        self.places, self.retries, self.duplicates = places, 0, 0
        self.batches = [(str(uuid.uuid4()), batch(number, place)) for place in range(count)]
        self.answered = {}

    def run(self):
        for key, events in self.batches:
            body = b"[" + b",".join(map(text, events)) + b"]"
            headers = {"Content-Type": "application/json", "Idempotency-Key": key}

            def is_stored():
                try:
                    answer = requests.post(self.places(), body, headers=headers, timeout=30)
                except requests.ConnectionError:
                    self.retries += 1
                    return False
                if answer.status_code == 503:
                    return False
                assert answer.status_code == 201, answer.text
                self.duplicates += int(answer.headers.get("Duplicate-Events", 0))
                for event, place in zip(events, answer.json()["events"]):
                    self.answered[event["number"]] = (place["topic"], place["partition"], place["offset"])
                return True

            eventually(is_stored, every=0.05)


def post_through_deaths(place, kill, deaths, count=6):
    posters = [Poster(number, place, count) for number in range(POSTERS)]
    for poster in posters:
        poster.start()
    for death in range(deaths):
        goal = (death + 1) * POSTERS * count // (deaths + 2)
        eventually(lambda: sum(len(poster.answered) // 3 for poster in posters) >= goal, every=0.01)
        kill()
    for poster in posters:
        poster.join()
    return posters


def check(server, posters):
    """All that was answered is where the answer says, and everything is there once."""
    expected = {number: place for poster in posters for number, place in poster.answered.items()}
    assert len(expected) == sum(3 * len(poster.batches) for poster in posters)
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    events = [frame.json for frame in read_events(server.url, f"/v2/stream/{STREAM}?since=2000-01-01&until={until}")]
    stored = collections.Counter(event["number"] for event in events)
    assert set(stored) == set(expected) and set(stored.values()) == {1}
    for event in events:
        meta = event["meta"]
        assert expected[event["number"]] == (meta["topic"], meta["partition"], meta["offset"])


def test_200_posters_through_two_kills_lose_nothing_and_store_nothing_twice(start):
    server = start()

    def kill():
        server.kill()
        server.start()

    posters = post_through_deaths(lambda: server.intake, kill, deaths=2)
    assert sum(poster.retries for poster in posters) > 0
    check(server, posters)


def test_a_batch_of_50000_events_is_stored_once_though_it_is_sent_twice(start):
    server = start(settings={"intake.max_request_events": 50_000, "intake.max_request_bytes": "16MiB"})
    events = [{"number": number, "wiki": "w", "meta": {"stream": STREAM, "id": f"of-many-{number}"}} for number in range(50_000)]
    body = gzip.compress(b"[" + b",".join(map(text, events)) + b"]", 1)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    for duplicates in (None, "50000"):
        answer = requests.post(server.intake, body, headers=headers, timeout=60)
        assert answer.status_code == 201 and answer.headers.get("Duplicate-Events") == duplicates
        assert [place["offset"] for place in answer.json()["events"]] == list(range(50_000))
    eventually(lambda: server.metric("eventstreams_log_records") == 50_000)


@pytest.fixture
def small_disk():
    """A directory of a file system that nobody else fills meanwhile."""
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("there is no /dev/shm")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        yield pathlib.Path(directory)


def test_what_a_full_disk_refuses_is_stored_once_when_there_is_room(start, small_disk):
    disk = os.statvfs(small_disk)
    server = start(small_disk, settings={"storage.minimum_free_bytes": disk.f_bavail * disk.f_frsize - (24 << 20)})
    batches = [[{"number": f"{number}-{place}", "text": filler(100_000), "wiki": "w",
                 "meta": {"stream": STREAM, "id": f"full-{number}-{place}"}} for place in range(20)] for number in range(40)]
    statuses = [post_bytes(server.intake, b"[" + b",".join(map(text, batch)) + b"]").status_code for batch in batches]
    assert statuses.count(201) > 0 and statuses.count(503) > 0 and set(statuses) <= {201, 207, 503}
    server.settings["storage.minimum_free_bytes"] = "0"
    server.kill()
    server.start()
    for batch, status in zip(batches, statuses):
        answer = post_bytes(server.intake, b"[" + b",".join(map(text, batch)) + b"]")
        assert answer.status_code == 201
        assert status != 201 or answer.headers["Duplicate-Events"] == "20"
    eventually(lambda: server.metric("eventstreams_log_records") == 800)
