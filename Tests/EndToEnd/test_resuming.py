"""Clients that lose their connection at any byte, and a server that is killed."""

import random
import shutil
import threading

from clients import Stream, check_order, read_events
from events import Events, post, post_bytes, text
from server import eventually


class Producer(threading.Thread):
    """Posts events, a few at a time, until it is stopped, and notes what was acknowledged."""

    def __init__(self, intake, events, stream):
        super().__init__(daemon=True)
        self.intake, self.events, self.stream = intake, events, stream
        self.ended = threading.Event()
        self.posted = 0
        self.failure = None

    def run(self):
        try:
            while not self.ended.is_set():
                post(self.intake, self.events.list(self.events.random.randint(1, 12), self.stream))
                self.posted = self.events.made
                self.ended.wait(0.005)
        except Exception as failure:
            self.failure = failure

    def stop(self):
        self.ended.set()
        self.join(30)
        assert self.failure is None, self.failure


def cut(connection, wanted, dice):
    """Reads about so many bytes in pieces of any size, then closes: mostly within an event."""
    frames = []
    while wanted > 0 and not connection.ended:
        body = connection.receive(dice.randint(1, 3000))
        wanted -= len(body)
        frames += connection.parser.feed(body)
    connection.close()
    return frames


def test_a_client_cut_two_hundred_times_misses_nothing_and_gets_nothing_twice(start):
    server = start(loops=2)
    dice = random.Random(4)
    events = Events(4)
    post(server.intake, events.list(50, "test.change"))
    producer = Producer(server.intake, events, "test.change")
    producer.start()
    received, last_id = [], None
    try:
        for turn in range(200):
            ids = dice.choice(["json", "compact"])
            start_ = "" if last_id else "&since=2020-01-01"
            headers = {"Last-Event-ID": last_id} if last_id else {}
            stream = Stream(server.url, f"/v2/stream/test.change?ids={ids}{start_}", headers)
            for frame in cut(stream, dice.choice([0, 1, 40, 500, 3000, 12000]), dice):
                assert frame.type == "message", frame
                if frame.data is not None:
                    received.append(frame)
                last_id = frame.id or last_id
    finally:
        producer.stop()
    post(server.intake, [events.next("test.change", wiki="last")])
    rest = events.made - len(received)
    received += read_events(server.url, "/v2/stream/test.change", rest, {"Last-Event-ID": last_id})
    offsets = check_order(received)
    assert all(list_[0] == 0 for list_ in offsets.values())
    assert sorted(frame.json["number"] for frame in received) == list(range(events.made))
    assert producer.posted > 500, "the events came while it was cut"


def test_an_id_of_the_last_event_waits_for_the_next(server):
    events = Events()
    post(server.intake, events.list(3))
    frame = read_events(server.url, "/v2/stream/test.page?last=1", 1)[0]
    with Stream(server.url, "/v2/stream/test.page?heartbeat=1", {"Last-Event-ID": frame.id}) as stream:
        frames = stream.frames()
        assert next(frames).comment == "ok"
        assert "heartbeat" in next(frames).comment, "nothing comes before there is something new"
        post(server.intake, events.list(1))
        assert stream.events(1)[0].json["number"] == 3


def test_what_was_acknowledged_survives_twenty_kills(start):
    server = start()
    events = Events(9)
    acknowledged, failures = {}, []

    def produce(intake, batches):
        """Posts until the server is gone."""
        while True:
            batch = [events_.next("test.change") for _ in range(events_.random.randint(1, 20))]
            batches.append(batch)
            try:
                answer = post_bytes(intake, b"[" + b",".join(map(text, batch)) + b"]")
            except OSError:
                return
            if answer.status_code != 201:
                failures.append(answer.text)
                return
            for entry in answer.json()["events"]:
                acknowledged[entry["id"]] = (entry["topic"], entry["partition"], entry["offset"])

    events_ = events
    dice = random.Random(9)
    for _ in range(20):
        before = len(acknowledged)
        batches = []
        thread = threading.Thread(target=produce, args=(server.intake, batches), daemon=True)
        thread.start()
        goal = dice.randint(1, 400)
        eventually(lambda: len(acknowledged) - before >= goal or not thread.is_alive())
        server.kill()
        thread.join(30)
        assert not thread.is_alive() and not failures, failures
        server.start()
    assert len(acknowledged) > 20
    frames = read_events(server.url, "/v2/stream/test.change?since=0&until=PT0S")
    check_order(frames)
    places = {}
    for frame in frames:
        id_ = frame.json["meta"]["id"]
        assert id_ not in places, "stored twice"
        places[id_] = frame.place
    assert acknowledged.items() <= places.items()


def test_a_client_resumes_at_a_server_that_was_started_again(start):
    server = start()
    events = Events()
    post(server.intake, events.list(100, "test.change"))
    frames = read_events(server.url, "/v2/stream/test.change?since=0", 60)
    server.kill()
    server.start()
    post(server.intake, events.list(20, "test.change"))
    frames += read_events(server.url, "/v2/stream/test.change", 60, {"Last-Event-ID": frames[-1].id})
    check_order(frames)
    assert sorted(frame.json["number"] for frame in frames) == list(range(120))


def test_an_id_of_a_log_that_was_made_anew_resumes_by_time_and_says_so(start):
    server = start()
    first, second = Events(1), Events(2)
    post(server.intake, first.list(10))
    id_ = read_events(server.url, "/v2/stream/test.page?since=0", 10)[-1].id
    server.stop()
    shutil.rmtree(server.data)
    server.start()
    post(server.intake, second.list(30))
    with Stream(server.url, "/v2/stream/test.page", {"Last-Event-ID": id_}) as stream:
        frames = [frame for _, frame in zip(range(32), stream.frames()) if frame.comment is None]
    assert frames[0].type == "gap" and frames[0].json["reason"] in ("failover", "topic_recreated"), frames[0]
    assert [frame.json["number"] for frame in frames[1:]] == list(range(30))[-len(frames[1:]):]
    assert len(frames) == 31, "nothing of the new log is skipped"


def test_offsets_that_are_no_longer_kept_are_told_as_a_gap(server):
    post(server.intake, Events().list(5))
    id_ = '[{"topic":"dc1.test.page","partition":0,"offset":900}]'
    with Stream(server.url, "/v2/stream/test.page", {"Last-Event-ID": id_}) as stream:
        frames = stream.frames()
        assert next(frames).comment == "ok"
        gap = next(frames)
        assert gap.type == "gap", gap
        assert gap.json["topic"] == "dc1.test.page" and gap.json["partition"] == 0
