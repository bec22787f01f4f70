"""One server on a Kafka cluster: what comes in, what goes out, and topics that change while clients listen."""

import json
import subprocess
import time

import pytest
from confluent_kafka import Producer

from clients import Stream, ask, check_order, read_events
from events import Events, filler, post, post_bytes, text
from kafka import STREAM
from server import eventually
from shares import check_shares
from test_recorded import lines, without_meta

TARGET = f"/v2/stream/{STREAM}"
CREATE = {"kafka.create_topics": "true"}
# So little memory that whoever is behind is served from history.
FORGETFUL = {"streaming.tail_bytes": "64KiB", "streaming.ring_bytes": "32KiB", "streaming.block_cache_bytes": "0"}


def numbers(frames):
    return [frame.json["number"] for frame in frames]


def values(events):
    return [text(event) for event in events]


def without_place(line):
    """An event's bytes, and what of its meta is not for the server to say."""
    before, meta, after = without_meta(line)
    for name in ("topic", "partition", "offset"):
        meta.pop(name, None)
    return before, json.dumps(meta, sort_keys=True), after


def begun(stream):
    """A stream whose beginning was read: it stands at the end of every partition."""
    stream._iterator = stream.frames()
    assert next(stream._iterator).comment == "ok"
    return stream


def frames_until(stream, condition):
    """Reads events and gaps on, up to the first that meets the condition."""
    frames = []
    for frame in stream._iterator:
        if frame.data is not None:
            frames.append(frame)
            if condition(frame):
                return frames
    raise AssertionError(f"the stream ended; it had {frames[-3:]}")


# What comes in and goes out

def test_posted_events_are_in_kafka_where_the_answer_says(serve, broker, topic):
    server = serve(broker, settings=CREATE)
    events = Events().list(40, STREAM)
    places = post(server.intake, events)
    stored = {(partition, offset): json.loads(value) for partition, offset, _, value in broker.records(topic)}
    assert len(stored) == 40 and broker.topics()[topic] == 3
    for event, place in zip(events, places):
        assert place["topic"] == topic
        value = stored[place["partition"], place["offset"]]
        assert value["number"] == event["number"] and value["meta"]["id"] == event["meta"]["id"]


def test_events_are_read_live_and_from_every_kind_of_start(serve, broker):
    server = serve(broker, settings=CREATE)
    events = Events()
    with begun(Stream(server.url, TARGET)) as live:
        post(server.intake, events.list(60, STREAM))
        received = live.events(60)
    check_order(received)
    assert sorted(numbers(received)) == list(range(60))
    everything = read_events(server.url, f"{TARGET}?since=0", 60)
    assert sorted(frame.data for frame in everything) == sorted(frame.data for frame in received)
    for place in [0, 17, 58]:
        rest = read_events(server.url, TARGET, 59 - place, {"Last-Event-ID": received[place].id})
        assert sorted(numbers(received[:place + 1] + rest)) == list(range(60))
    compact = read_events(server.url, f"{TARGET}?since=0&ids=compact", 30)
    rest = read_events(server.url, TARGET, 30, {"Last-Event-ID": compact[-1].id})
    assert sorted(numbers(compact + rest)) == list(range(60))
    assert len(read_events(server.url, f"{TARGET}?last=7&until=PT0S")) == 7


def test_the_shares_of_a_stream_are_all_of_it_each_event_in_one(serve, broker):
    server = serve(broker, settings=CREATE)
    post(server.intake, Events().list(200, STREAM))
    check_shares(server.url, TARGET, 200)


def test_a_time_finds_its_first_event(serve, broker, topic):
    broker.create(topic, 2)
    now = int(time.time() * 1000)
    events = Events().list(40, STREAM)
    for number, event in enumerate(events):
        broker.produce(topic, [text(event)], partition=number % 2, timestamp=now - (40 - number) * 60_000)
    server = serve(broker)
    for first in [0, 1, 20, 39]:
        since = now - (40 - first) * 60_000
        for time_ in [since, since - 30_000]:
            frames = read_events(server.url, f"{TARGET}?since={time_}&until=PT30S")
            assert sorted(numbers(frames)) == list(range(first, 40))


def test_recorded_events_keep_their_bytes(serve, broker, topic, shared):
    broker.create(topic, 4)
    recorded = [line for _, line in lines(shared)][::6]
    for start in range(0, len(recorded), 1000):
        broker.produce(topic, recorded[start:start + 1000])
    server = serve(broker)
    frames = read_events(server.url, f"{TARGET}?since=0&canary=true", len(recorded), timeout=60)
    check_order(frames)
    sent = {}
    for line in recorded:
        sent.setdefault(without_place(line), []).append(line)
    for frame in frames:
        assert frame.json["meta"]["topic"] == topic
        sent[without_place(frame.data.encode())].pop()
    assert not any(sent.values())


def test_equal_keys_go_where_kafkas_own_clients_put_them(serve, broker, topic):
    server = serve(broker, settings=CREATE)
    places = post(server.intake, Events().list(60, STREAM))
    frames = read_events(server.url, f"{TARGET}?since=0", 60)
    keys = {}
    for frame in frames:
        key = frame.json["meta"]["key"]
        assert key == {"wiki": frame.json["wiki"]}
        keys.setdefault(json.dumps(key), set()).add(frame.json["meta"]["partition"])
    assert all(len(partitions) == 1 for partitions in keys.values())
    raw = subprocess.run(
        ["kcat", "-C", "-b", broker.bootstrap, "-t", topic, "-o", "beginning", "-e", "-q", "-f", r"%p %k\n"],
        capture_output=True, timeout=60).stdout
    stored = {tuple(line.split(b" ", 1)) for line in raw.splitlines()}
    # Java's partitioner, as librdkafka has it.
    producer = Producer({"bootstrap.servers": broker.bootstrap, "partitioner": "murmur2"})
    landed = set()
    for _, key in stored:
        producer.produce(topic, b"{}", key, on_delivery=lambda error, message: landed.add(
            (str(message.partition()).encode(), message.key())))
    producer.flush(30)
    assert landed == stored and len(places) == 60


def test_a_hasty_request_is_accepted_before_the_cluster_has_it(serve, broker):
    server = serve(broker, settings=CREATE)
    post(server.intake, Events().list(1, STREAM))
    with begun(Stream(server.url, TARGET)) as live:
        answer = post_bytes(f"{server.intake}?hasty=true", text(Events(2).next(STREAM, hasty=True)))
        assert answer.status_code == 202, answer.text
        # The one before may come to who is live too: it is stored before the server has read it.
        assert any(live.events(1)[0].json.get("hasty") for _ in range(2))


def test_a_record_that_is_no_event_shows_as_nothing_but_the_next_id(serve, broker, topic):
    broker.create(topic)
    events = Events()
    broker.produce(topic, [*values(events.list(2, STREAM)), b"no json", None, b"[1]", b"", *values(events.list(2, STREAM))])
    server = serve(broker)
    frames = read_events(server.url, f"{TARGET}?since=0", 4)
    assert numbers(frames) == [0, 1, 2, 3]
    assert [frame.json["meta"]["offset"] for frame in frames] == [0, 1, 6, 7]
    assert [json.loads(frame.id)[0]["offset"] for frame in frames] == [1, 2, 7, 8]


def test_transactions_leave_holes_and_what_was_aborted_is_never_shown(serve, broker, topic):
    broker.create(topic)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "transactional.id": topic})
    producer.init_transactions(30)
    events = Events()

    def transaction(is_committed):
        producer.begin_transaction()
        for event in events.list(3, STREAM, kept=is_committed):
            producer.produce(topic, text(event))
        producer.flush(30)
        (producer.commit_transaction if is_committed else producer.abort_transaction)(30)

    for is_committed in [True, False, True]:
        transaction(is_committed)
    # The partition's last offsets are markers, no records: a server must find that it has read it to the end.
    server = serve(broker)
    with begun(Stream(server.url, f"{TARGET}?since=0")) as stream:
        received = stream.events(6)
        for is_committed in [False, True, True, False]:
            transaction(is_committed)
        received += stream.events(6)
    expected = [n for n in range(events.made) if n // 3 in (0, 2, 4, 5)]
    assert numbers(received) == expected
    assert all(frame.json["kept"] for frame in received)
    for place, frame in enumerate(received[:-1]):
        assert numbers(read_events(server.url, TARGET, 11 - place, {"Last-Event-ID": frame.id})) == expected[place + 1:]
    other = serve(broker, "other")
    assert numbers(read_events(other.url, f"{TARGET}?since=0&until=PT0S")) == expected
    assert numbers(read_events(other.url, f"{TARGET}?last=4&until=PT0S")) == expected[-4:]


def test_a_record_larger_than_a_fetch_gets_through(serve, broker, topic):
    broker.create(topic, max_message_bytes=3 << 20)
    large = filler(1 << 20)
    events = Events()
    properties = {"fetch.message.max.bytes": 10_000, "message.max.bytes": 2 << 20}
    # The tail is too small for it: it is read live once, and as history by the others.
    server = serve(
        broker, config={"kafka": {"properties": properties}},
        settings=FORGETFUL | {"intake.max_event_bytes": "2MiB"})
    with begun(Stream(server.url, TARGET)) as live:
        broker.produce(topic, values(events.list(2, STREAM)))
        broker.produce(topic, values(events.list(1, STREAM, filler=large)))
        broker.produce(topic, values(events.list(2, STREAM)))
        received = live.events(5)
    assert numbers(received) == [0, 1, 2, 3, 4] and received[2].json["filler"] == large
    again = read_events(server.url, f"{TARGET}?since=0", 5)
    assert [frame.data for frame in again] == [frame.data for frame in received]
    rest = read_events(server.url, TARGET, 3, {"Last-Event-ID": received[1].id})
    assert [frame.data for frame in rest] == [frame.data for frame in received[2:]]


# Topics that come, grow, shrink and go

def test_a_topic_that_does_not_exist_yet_is_empty_until_it_does(serve, broker, topic):
    server = serve(broker)
    events = Events()
    with begun(Stream(server.url, f"{TARGET}?heartbeat=1")) as stream:
        assert "heartbeat" in next(stream._iterator).comment
        broker.create(topic, 2)
        broker.produce(topic, values(events.list(30, STREAM)))
        received = stream.events(30)
        assert sorted(numbers(received)) == list(range(30)), "also what was there before the topic was noticed"
        check_order(received)
        broker.add_partitions(topic, 4)
        for partition in range(4):
            broker.produce(topic, values(events.list(10, STREAM)), partition=partition)
        received += stream.events(40)
    assert sorted(numbers(received)) == list(range(70))
    assert len(check_order(received)) == 4
    assert len(json.loads(received[-1].id)) == 4, "ids name the new partitions"
    resumed = read_events(server.url, TARGET, 40, {"Last-Event-ID": received[29].id})
    assert sorted(numbers(resumed)) == list(range(30, 70)), "an id from before they were there has them from their beginning"


def test_a_topic_without_create_topics_is_not_made(serve, broker, topic):
    server = serve(broker, config={"kafka": {"properties": {"message.timeout.ms": 3000}}})
    answer = post_bytes(server.intake, text(Events().next(STREAM)))
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1
    assert topic not in broker.topics()


def test_a_topic_made_anew_goes_on_on_the_same_connection(serve, broker, topic):
    broker.create(topic)
    server = serve(broker)
    events = Events()
    with begun(Stream(server.url, TARGET)) as stream:
        broker.produce(topic, values(events.list(20, STREAM)))
        old = stream.events(20)
        broker.delete(topic)
        time.sleep(2)
        broker.create(topic)
        broker.produce(topic, values(events.list(30, STREAM)))
        frames = frames_until(stream, lambda frame: frame.type == "message" and frame.json["number"] == 49)
    gaps = [frame for frame in frames if frame.type == "gap"]
    assert all(gap.json["reason"] == "topic_recreated" for gap in gaps), gaps
    received = [frame for frame in frames if frame.type == "message"]
    assert numbers(received) == list(range(20, 50)), "the new topic's events, from offset 0 on, each once"
    assert received[0].json["meta"]["offset"] == 0
    with Stream(server.url, TARGET, {"Last-Event-ID": old[9].id}) as stream:
        begun(stream)
        frames = frames_until(stream, lambda frame: frame.type == "message" and frame.json["number"] == 49)
    assert frames[0].type == "gap" and frames[0].json["reason"] in ("failover", "topic_recreated"), frames[0]
    assert numbers(frame for frame in frames if frame.type == "message") == list(range(20, 50))


def test_what_retention_removed_is_told_as_a_gap(serve, broker, topic):
    broker.create(topic, 2)
    events = Events()
    for partition in (0, 1):
        broker.produce(topic, values(events.list(50, STREAM)), partition=partition)
    server = serve(broker, settings=FORGETFUL)
    frames = read_events(server.url, f"{TARGET}?since=0", 100)
    id_ = json.dumps([
        {"topic": topic, "partition": 0, "offset": 10}, {"topic": topic, "partition": 1, "offset": 40}])
    broker.delete_records(topic, 0, 30)
    broker.delete_records(topic, 1, 30)

    # A server that starts afterwards knows of no record before; this one may still have them in memory.
    fresh = serve(broker, "fresh")
    with Stream(fresh.url, TARGET, {"Last-Event-ID": id_}) as stream:
        begun(stream)
        wanted = {frame.place for frame in frames if frame.place[1:] >= (1, 40) or (0, 30) <= frame.place[1:] < (1, 0)}
        received, gaps = set(), []
        while received < wanted:
            frame = next(frame for frame in stream._iterator if frame.data is not None)
            if frame.type == "gap":
                gaps.append(frame.json)
            else:
                received.add(frame.place)
    assert received == wanted
    assert len(gaps) == 1, gaps
    gap = {key: gaps[0][key] for key in ("topic", "partition", "from", "to", "reason")}
    assert gap == {"topic": topic, "partition": 0, "from": 10, "to": 30, "reason": "retention"}
    # Whoever asked from 0 on is told, too.
    text_ = ask(fresh.url, f"{TARGET}?since=2020-01-01&until=PT0S").body
    assert text_.count(b"event: gap\n") == 2 and text_.count(b"event: message\n") == 40


def test_retention_while_a_server_runs_is_told_as_a_gap(serve, broker, topic):
    broker.create(topic)
    events = Events()
    server = serve(broker, settings=FORGETFUL)
    broker.produce(topic, values(events.list(400, STREAM, filler=filler(10_000))))
    first = read_events(server.url, f"{TARGET}?since=0", 5)
    broker.delete_records(topic, 0, 300)
    with Stream(server.url, TARGET, {"Last-Event-ID": first[-1].id}) as stream:
        begun(stream)
        frames = frames_until(stream, lambda frame: frame.type == "message" and frame.json["number"] == 399)
    # What the server has just read of the old records it may serve still; what it has not is told.
    place, = [place for place, frame in enumerate(frames) if frame.type == "gap"]
    gap = frames[place].json
    assert (gap["from"], gap["to"]) == (5 + place, 300), gap
    # Who has had some of them was too slow for the others.
    assert gap["reason"] == "retention" or (place > 0 and gap["reason"] == "slow"), gap
    assert numbers(frames[:place]) == list(range(5, 5 + place)) and 5 + place < 300
    assert numbers(frames[place + 1:]) == list(range(300, 400))


@pytest.mark.parametrize("kind", ["CreateTime", "LogAppendTime"])
def test_old_ids_are_exact_whoever_gave_the_time(serve, broker, topic, kind):
    broker.create(topic, message_timestamp_type=kind, retention_ms=-1)
    events = Events()
    broker.produce(topic, values(events.list(20, STREAM)), timestamp=1_700_000_000_000)
    broker.produce(topic, values(events.list(20, STREAM)), timestamp=1_600_000_000_000)
    one, other = serve(broker), serve(broker, "other")
    frames = read_events(one.url, f"{TARGET}?since=0", 40)
    for place in [3, 19, 20, 35]:
        rest = read_events(other.url, TARGET, 39 - place, {"Last-Event-ID": frames[place].id})
        assert numbers(rest) == list(range(place + 1, 40))
