"""What curl gets: the parameters of a stream, and how it begins and ends."""

import json
import re
import subprocess
import time
import urllib.parse

import pytest

from clients import Stream, ask, check_order, read_events
from events import Events, post, post_bytes


def curl(*arguments, timeout=30):
    """Runs the real curl to its end; its own limit of time is given by `-m`."""
    return subprocess.run(["curl", "-sS", *map(str, arguments)], capture_output=True, timeout=timeout)


def follow(url, lines, *arguments):
    """Reads so many lines of a stream with curl, which is stopped then."""
    process = subprocess.Popen(["curl", "-sSN", "-m", "30", *arguments, url], stdout=subprocess.PIPE)
    try:
        return [process.stdout.readline().decode() for _ in range(lines)]
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


def numbers(frames):
    return [frame.json["number"] for frame in frames]


@pytest.fixture
def stored(server):
    """A server with ten events of a single partition."""
    events = Events()
    server.events = events
    post(server.intake, events.list(10))
    return server


def test_curl_sees_ok_at_once_on_a_stream_without_events(server):
    assert follow(f"{server.url}/v2/stream/test.page", 2) == [":ok\n", "\n"]


def test_curl_sees_data_within_the_first_five_lines(stored):
    lines = follow(f"{stored.url}/v2/stream/test.page?last=1", 6)
    assert lines[:3] == [":ok\n", "\n", "event: message\n"]
    assert lines[3].startswith("id: [")
    assert lines[4].startswith("data: {")
    assert lines[5] == "\n"


def test_a_live_event_arrives(server):
    with Stream(server.url, "/v2/stream/test.page") as stream:
        frames = stream.frames()
        assert next(frames).comment == "ok"
        event = Events().next()
        place, = post(server.intake, [event])
        frame = next(frames)
        assert frame.json["meta"] | event["meta"] == frame.json["meta"]
        assert frame.place == (place["topic"], place["partition"], place["offset"])


def test_curl_gets_the_headers_of_a_stream(server):
    answer = curl("-m", "1", "-D", "-", "-o", "/dev/null", f"{server.url}/v2/stream/test.page").stdout.decode().lower()
    assert answer.startswith("http/1.1 200 ")
    for line in ["content-type: text/event-stream; charset=utf-8", "cache-control: no-cache, no-store, no-transform",
                 "x-accel-buffering: no", "access-control-allow-origin: *", "x-content-type-options: nosniff",
                 "transfer-encoding: chunked"]:
        assert f"\r\n{line}\r\n".replace("\r", "") in answer.replace("\r", ""), line
    assert "\ncontent-length:" not in answer


def test_last_starts_before_the_end(stored):
    assert numbers(read_events(stored.url, "/v2/stream/test.page?last=3", 3)) == [7, 8, 9]
    assert numbers(read_events(stored.url, "/v2/stream/test.page?last=10000", 10)) == list(range(10))


def test_limit_ends_the_stream(stored):
    assert numbers(read_events(stored.url, "/v2/stream/test.page?last=5&limit=2")) == [5, 6]


def test_limit_counts_live_events(server):
    with Stream(server.url, "/v2/stream/test.page?limit=2") as stream:
        assert next(stream.frames()).comment == "ok"
        post(server.intake, Events().list(5))
        assert numbers(stream.events()) == [0, 1]


def test_since_takes_every_form_of_time(server):
    events = Events()
    old, new = events.list(2), events.list(2)
    for event in old:
        event["meta"]["dt"] = "2024-02-03T04:05:06.789Z"
    for event in new:
        event["meta"]["dt"] = "2024-02-03T05:05:06.789Z"
    post(server.intake, old + new)
    for since in ["2024-02-03T05:05:06.789Z", "2024-02-03T05:05:06.789", "2024-02-03T06:05:06.789+01:00",
                  "2024-02-03T06:05:06.789%2B01:00", "2024-02-03T04:05:06.790Z", "1706936706789",
                  "Sat,%2003%20Feb%202024%2005:05:06%20GMT"]:
        assert numbers(read_events(server.url, f"/v2/stream/test.page?since={since}", 2)) == [2, 3], since
    for since in ["2024-02-03", "2024-02-03T04:05:06.789Z", "0", "PT999999H"]:
        assert numbers(read_events(server.url, f"/v2/stream/test.page?since={since}", 4)) == [0, 1, 2, 3], since


def test_since_and_until_give_a_piece_of_history_and_end(server):
    events = Events()
    for hour in range(6):
        event = events.next()
        event["meta"]["dt"] = f"2024-02-03T0{hour}:00:00Z"
        post(server.intake, [event])
    target = "/v2/stream/test.page?since=2024-02-03T01:00:00Z&until=2024-02-03T04:00:00Z"
    answer = curl("-m", "20", f"{server.url}{target}")
    assert answer.returncode == 0, "curl sees a clean end"
    assert numbers(read_events(server.url, target)) == [1, 2, 3]


def test_until_ends_a_stream_without_events(server):
    assert read_events(server.url, "/v2/stream/test.change,test.page?until=2024-02-03") == []


def test_until_in_the_future_ends_a_live_stream(server):
    soon = int(time.time() * 1000) + 1500
    with Stream(server.url, f"/v2/stream/test.page?until={soon}") as stream:
        post(server.intake, Events().list(2))
        assert numbers(stream.events()) == [0, 1]


@pytest.mark.parametrize("name", ["last-event-id", "lastEventId", "cursor"])
def test_an_id_resumes_with_the_next_event(stored, name):
    frames = read_events(stored.url, "/v2/stream/test.page?last=10", 4)
    if name == "last-event-id":
        rest = read_events(stored.url, "/v2/stream/test.page", 6, {"Last-Event-ID": frames[-1].id})
    else:
        rest = read_events(stored.url, f"/v2/stream/test.page?{name}={json_in_query(frames[-1].id)}", 6)
    assert numbers(rest) == [4, 5, 6, 7, 8, 9]


def json_in_query(text):
    return urllib.parse.quote(text)


def test_the_header_beats_the_query(stored):
    ids = [frame.id for frame in read_events(stored.url, "/v2/stream/test.page?last=10", 10)]
    target = f"/v2/stream/test.page?lastEventId={json_in_query(ids[1])}&since=2020-01-01"
    assert numbers(read_events(stored.url, target, 1, {"Last-Event-ID": ids[7]})) == [8]
    assert numbers(read_events(stored.url, target, 1)) == [2]


def test_compact_ids_are_short_and_resume(stored):
    post(stored.intake, stored.events.list(30, "test.change"))
    target = "/v2/stream/test.page,test.change?ids=compact&since=2020-01-01"
    frames = read_events(stored.url, target, 40)
    for frame in frames:
        assert len(frame.id) <= 128
        assert frame.id.replace("-", "").replace("_", "").isalnum()
    rest = read_events(stored.url, "/v2/stream/test.page,test.change", 20, {"Last-Event-ID": frames[19].id})
    assert sorted(frame.place for frame in rest) == sorted(frame.place for frame in frames[20:])


def test_a_json_id_has_every_partition_in_order(stored):
    post(stored.intake, stored.events.list(3, "test.change"))
    frame = read_events(stored.url, "/v2/stream/test.page,test.change?last=1", 1)[0]
    entries = json.loads(frame.id)
    assert [(entry["topic"], entry["partition"]) for entry in entries] == [
        ("dc1.test.change", 0), ("dc1.test.change", 1), ("dc1.test.change", 2), ("dc1.test.page", 0)]


def test_a_stream_of_several_partitions_is_in_order_and_complete(server):
    events = Events()
    post(server.intake, events.list(300, "test.change"))
    frames = read_events(server.url, "/v2/stream/change?since=2020-01-01", 300)
    offsets = check_order(frames)
    assert len(offsets) == 3
    assert all(list_[0] == 0 for list_ in offsets.values())
    assert sorted(numbers(frames)) == list(range(300))


def test_ndjson_is_chosen_by_accept_and_by_format(stored):
    for accept, query, type_ in [
            ("application/json", "", "application/json; charset=utf-8"),
            ("application/x-ndjson", "", "application/x-ndjson"),
            ("application/json;q=0.9, text/event-stream;q=0.5", "", "application/json; charset=utf-8"),
            ("*/*", "&format=ndjson", "application/x-ndjson"),
            ("text/event-stream", "&format=ndjson", "application/x-ndjson")]:
        answer = ask(stored.url, f"/v2/stream/test.page?last=3&limit=3{query}", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(type_), accept
        first, *lines, end = answer.body.split(b"\n")
        assert first == b"" and end == b"", "a line break at once, and one behind each event"
        assert [json.loads(line)["number"] for line in lines] == [7, 8, 9]
    answer = ask(stored.url, "/v2/stream/test.page?last=1&limit=1&format=sse", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"


def test_canaries_are_hidden_unless_asked_for(server):
    events = Events()
    mixed = events.list(6)
    for event in mixed[::2]:
        event["meta"]["domain"] = "canary"
    post(server.intake, mixed)
    assert numbers(read_events(server.url, "/v2/stream/test.page?since=2020-01-01&until=PT0S")) == [1, 3, 5]
    assert numbers(read_events(server.url, "/v2/stream/test.page?since=2020-01-01&canary=true", 6)) == list(range(6))


def test_heartbeats_come_as_often_as_asked(server):
    with Stream(server.url, "/v2/stream/test.page?heartbeat=1") as stream:
        comments = [frame.comment for _, frame in zip(range(3), stream.frames())]
    assert comments[0] == "ok"
    assert all(comment.strip().startswith("heartbeat") for comment in comments[1:])


def test_an_ndjson_heartbeat_is_an_empty_line(server):
    with Stream(server.url, "/v2/stream/test.page?heartbeat=1&format=ndjson") as stream:
        received = b""
        for piece in stream.body():
            received += piece
            if len(received) >= 3:
                break
    assert received == b"\n\n\n"


def test_http_1_0_is_served_without_chunks(stored):
    answer = curl("-0", "-m", "20", "-i", f"{stored.url}/v2/stream/test.page?last=2&limit=2")
    head, _, body = answer.stdout.partition(b"\r\n\r\n")
    assert b"chunked" not in head.lower()
    assert body.startswith(b":ok\n\nevent: message\nid: ")
    assert re.search(rb"\n\nretry: \d+\n$", body)


def test_an_event_is_kept_byte_for_byte_but_for_its_meta(server):
    body = (b'{"z":1.50,"a":1e+2,"n":12345678901234567890123,"u":"\\u00e9\\/\xc3\xa9",  "meta":{"stream":"test.page",'
            b'"id":"x-1","dt":"2024-01-01T00:00:00Z","x":-0.0} , "nested":{"b":[1, 2,{}],"a":null}}')
    assert post_bytes(server.intake, body).status_code == 201
    frame, = read_events(server.url, "/v2/stream/test.page?last=1", 1)
    sent = frame.data.encode()
    before, after = body.split(b'"meta":{')[0], body.split(b"-0.0}")[1]
    assert sent.startswith(before) and sent.endswith(after)
    assert b'"stream":"test.page","id":"x-1","dt":"2024-01-01T00:00:00Z","x":-0.0' in sent
    assert frame.place == ("dc1.test.page", 0, 0)


def test_a_key_made_by_the_intake_is_in_meta(server):
    post(server.intake, [Events().next("test.change", wiki="aawiki")])
    frame, = read_events(server.url, "/v2/stream/test.change?last=1", 1)
    assert frame.json["meta"]["key"] == {"wiki": "aawiki"}
