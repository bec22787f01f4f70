"""Streams in gzip: who gets them, and that they hold the same as others, from wherever a client joins."""

import gzip
import json
import random
import subprocess

import httpx
import pytest
import requests

from clients import Stream, ask, check_order
from events import Events, filler, post
from server import eventually

# A client that is known to unpack what it accepts.
CURL = {"User-Agent": "curl/8.0"}
GZIP = CURL | {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize("accepted, coding", [
    (None, None), ("gzip", "gzip"), ("GZip", "gzip"), ("x-gzip", "gzip"), ("gzip, deflate, br, zstd", "gzip"),
    ("deflate, gzip;q=0.5", "gzip"), ("*", "gzip"), ("br, *;q=0.1", "gzip"), ("gzip;q=0.001, identity;q=0", "gzip"),
    ("gzip;q=0", None), ("gzip; q=0.000, *", None), ("identity", None), ("br", None), ("", None),
    ("identity, gzip;q=0.5", None), ("*;q=0", None), ("gzip;q=2", None), (";;,=gzip", None),
])
def test_gzip_goes_to_a_known_client_that_accepts_it(server, accepted, coding):
    headers = CURL if accepted is None else CURL | {"Accept-Encoding": accepted}
    post(server.intake, Events().list(3))
    with Stream(server.url, "/v2/stream/test.page?last=3&limit=3", headers) as stream:
        assert [frame.json["number"] for frame in stream.events(3)] == [0, 1, 2]
        assert stream.headers.get("content-encoding") == coding
        assert stream.headers["vary"] == "Accept-Encoding"
    head = requests.head(f"{server.url}/v2/stream/test.page", headers=CURL | {"Accept-Encoding": accepted}, timeout=30)
    assert head.headers.get("content-encoding") == coding
    assert head.headers["vary"] == "Accept-Encoding"


LIBRARY = {"User-Agent": "python-requests/2.34.2", "Accept-Encoding": "gzip, deflate"}
VARNISH = GZIP | {"X-Varnish": "32770"}


@pytest.mark.parametrize("policy, coded", [
    (None, {"curl": True, "library": False, "asked": True, "varnish": False}),
    ("never", {"curl": False, "library": False, "asked": False, "varnish": False}),
    ("asked", {"curl": False, "library": False, "asked": True, "varnish": False}),
    ("accept", {"curl": True, "library": True, "asked": True, "varnish": False}),
])
def test_who_gets_gzip_is_set(start, policy, coded):
    server = start(settings={"streaming.gzip": policy} if policy else {})
    for client, headers in {"curl": GZIP, "library": LIBRARY, "asked": LIBRARY, "varnish": VARNISH}.items():
        with Stream(server.url, f"/v2/stream/test.page{'?encoding=gzip' * (client == 'asked')}", headers) as stream:
            assert next(stream.frames()).comment == "ok"
            assert ("content-encoding" in stream.headers) == coded[client], client
            assert stream.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("format", ["sse", "ndjson"])
def test_a_stream_in_gzip_says_the_same_as_one_that_is_not(server, format):
    post(server.intake, Events().list(200, "test.change"))
    target = f"/v2/stream/test.change?since=2020-01-01&limit=200&format={format}"
    plain, packed = ask(server.url, target), ask(server.url, target, headers=GZIP)
    unpacked = gzip.decompress(packed.body)
    # Each is told another time to come back.
    assert unpacked.partition(b"retry:")[0] == plain.body.partition(b"retry:")[0]
    assert len(packed.body) < len(plain.body) / 2


@pytest.mark.parametrize("arguments", [[], ["--http1.0"]])
def test_curl_unpacks_a_stream_and_finds_its_end_right(server, arguments):
    post(server.intake, Events().list(50))
    command = ["curl", "-sSN", "-m", "30", "--compressed", *arguments, f"{server.url}/v2/stream/test.page?last=50&limit=50"]
    result = subprocess.run(command, capture_output=True, timeout=40)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.count(b"\ndata: ") == 50
    packed = subprocess.run([word for word in command if word != "--compressed"] + ["-H", "Accept-Encoding: gzip"],
                            capture_output=True, timeout=40).stdout
    checked = subprocess.run(["gzip", "-t"], input=packed, capture_output=True, timeout=40)
    assert (checked.returncode, checked.stderr) == (0, b"")


def test_curl_shows_each_event_at_once(server):
    command = ["curl", "-sSN", "-m", "30", "--compressed", f"{server.url}/v2/stream/test.page"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert [process.stdout.readline() for _ in range(2)] == [b":ok\n", b"\n"]
        for event in Events().list(20):
            # Each is waited for before there is a next one that could push it out.
            post(server.intake, [event])
            lines = [process.stdout.readline() for _ in range(4)]
            assert json.loads(lines[2].removeprefix(b"data: "))["number"] == event["number"]
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


def with_requests(url):
    with requests.get(url, stream=True, timeout=30) as response:
        assert response.headers["content-encoding"] == "gzip"
        yield from response.iter_lines(chunk_size=1)


def with_httpx(url):
    with httpx.stream("GET", url, timeout=30) as response:
        assert response.headers["content-encoding"] == "gzip"
        # Its own `iter_lines` also ends lines within texts, at U+2028.
        rest = b""
        for piece in response.iter_bytes():
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines


@pytest.mark.parametrize("read", [with_requests, with_httpx])
def test_python_shows_each_event_at_once(server, read):
    lines = read(f"{server.url}/v2/stream/test.page?limit=20&encoding=gzip")
    assert next(lines) == b":ok"
    events = Events()
    for number in range(20):
        post(server.intake, events.list(1))
        data = next(line for line in lines if line.startswith(b"data: "))
        assert json.loads(data[6:])["number"] == number
    # At the end an id without an event, and when to come back.
    assert all(not line or line.startswith((b"id: ", b"retry:")) for line in lines)


def test_clients_join_and_leave_between_events_and_heartbeats(server):
    """Each joins in another state of the shared compressor; each body is unpacked as one member from its first byte."""
    events, dice = Events(), random.Random(5)
    streams, seen, last = [], {}, {}
    target = "/v2/stream/test.change?heartbeat=1"
    count = 0
    for round in range(60):
        if round % 2 == 0:
            stream = Stream(server.url, target, GZIP)
            assert next(stream.frames()).comment == "ok"
            streams.append(stream)
            seen[stream] = count
        if round % 7 == 3:
            # Comes back from where it was, over what it missed.
            left = streams.pop(dice.randrange(len(streams)))
            number = seen.pop(left)
            left.close()
            count += len(post(server.intake, events.list(dice.randrange(4), "test.change")))
            if left.last_id:
                stream = Stream(server.url, target, GZIP | {"Last-Event-ID": left.last_id})
                streams.append(stream)
                seen[stream] = number
        if round in (20, 40):
            # So long that everybody gets a heartbeat.
            for stream in streams:
                assert next(frame for frame in stream.frames() if frame.comment).comment.startswith(" heartbeat")
        count += len(post(server.intake, events.list(dice.choice([1, 1, 1, 3, 40]), "test.change")))
        for stream in streams:
            frames = stream.events(count - seen[stream])
            seen[stream] = count
            last.setdefault(stream, []).extend(frames)
    for stream in streams:
        check_order(last[stream])
    server.stop()
    for stream in streams:
        assert not stream.events()
        assert stream.inflater.eof and not stream.inflater.unused_data


def test_a_slow_client_falls_out_of_the_ring_and_joins_again(start):
    server = start(settings={"streaming.ring_bytes": "16KiB", "streaming.max_unsent_bytes": "4KiB"})
    events = Events()
    with Stream(server.url, "/v2/stream/test.page", GZIP, receive_buffer=4096) as stream:
        assert next(stream.frames()).comment == "ok"
        for burst in range(3):
            places = post(server.intake, [events.next(padding=filler(4_000 + number)) for number in range(400)])
            frames = stream.events(400)
            assert [frame.json["number"] for frame in frames] == list(range(burst * 400, burst * 400 + 400))
            assert len(places) == 400
        # It has joined again: what comes is small, for it is compressed with what came before.
        post(server.intake, events.list(1))
        stream.events(1)
        assert eventually(lambda: server.metric("eventstreams_replaying_clients") == 0)


def test_only_so_many_subscriptions_are_compressed(start):
    streams = {f"s{number}": {"topics": [f"dc1.s{number}"]} for number in range(66)}
    server = start(streams=streams)
    open_streams = [Stream(server.url, f"/v2/stream/s{number}", GZIP) for number in range(66)]
    for stream in open_streams:
        assert next(stream.frames()).comment == "ok"
    assert [stream.headers.get("content-encoding") for stream in open_streams] == ["gzip"] * 64 + [None] * 2
    # A subscription that is compressed already takes more clients.
    with Stream(server.url, "/v2/stream/s1", GZIP) as more:
        assert next(more.frames()).comment == "ok"
        assert more.headers["content-encoding"] == "gzip"
    assert eventually(lambda: server.metric("eventstreams_gzip_refused_total") == 2)
    assert server.metric("eventstreams_gzip_feeds") == 64
    for stream in open_streams[:10]:
        stream.close()
    assert eventually(lambda: server.metric("eventstreams_gzip_feeds") == 54)
    for stream in open_streams[10:]:
        stream.close()


def test_recorded_events_shrink_to_a_quarter_though_each_is_sent_at_once(start, shared):
    file = shared / "data/recentchange-2023-01-25.ndjson.gz"
    with gzip.open(file) as unpacked:
        recorded = [json.loads(line) for _, line in zip(range(300), unpacked)]
    topics = {"mediawiki.recentchange": {"topics": ["eqiad.mediawiki.recentchange", "codfw.mediawiki.recentchange"]}}
    server = start(streams=topics, settings={"storage.retention_age": "0s"})
    with Stream(server.url, "/v2/stream/mediawiki.recentchange", GZIP) as stream:
        assert next(stream.frames()).comment == "ok"
        for event in recorded:
            event["meta"] = {k: v for k, v in event["meta"].items() if k not in ("topic", "partition", "offset")}
            post(server.intake, [event])
            stream.events(1)
        print(f"{stream.unpacked / stream.transferred:.2f} times smaller, {stream.unpacked / 300:.0f} bytes an event")
        assert stream.transferred < stream.unpacked / 4
        # All but the preamble, which no compressor is needed for.
        assert eventually(lambda: server.metric("eventstreams_gzip_input_bytes_total") == stream.unpacked - 5)
        assert server.metric("eventstreams_gzip_output_bytes_total") < stream.unpacked / 4
