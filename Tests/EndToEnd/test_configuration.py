"""Streams that change while the server runs, redaction, and metrics that Prometheus can read."""

import json
import signal
import subprocess

import pytest

from clients import Stream, ask, read_events
from events import STREAMS, Events, post, post_bytes, text
from server import ServerFailed, eventually


def names(server):
    return [stream["name"] for stream in ask(server.url, "/v2/stream").json["streams"]]


def test_an_alias_is_the_stream(server):
    post(server.intake, Events().list(3))
    by_name, by_alias = (read_events(server.url, f"/v2/stream/{name}?last=3", 3) for name in ("test.page", "page"))
    assert by_name == by_alias
    both = read_events(server.url, "/v2/stream/page,test.page?since=0&until=PT0S")
    assert len(both) == 3, "one stream by two names is sent once"


def test_names_may_be_percent_encoded_commas_too(server):
    post(server.intake, Events().list(2) + Events().list(2, "test.change"))
    assert len(read_events(server.url, "/v2/stream/test%2Epage%2Cchange?since=0", 4)) == 4


def test_a_changed_configuration_is_taken_over_while_clients_stay(start):
    server = start(settings={"streams.ttl": "1s"})
    with Stream(server.url, "/v2/stream/test.page") as stream:
        assert next(stream.frames()).comment == "ok"
        server.configure(STREAMS | {"test.new": {"topics": ["dc1.test.new"], "stream_aliases": ["new"]}})
        eventually(lambda: "test.new" in names(server))
        events = Events()
        post(server.intake, [events.next("test.new")])
        assert read_events(server.url, "/v2/stream/new?since=0", 1)[0].json["number"] == 0
        post(server.intake, [events.next()])
        assert stream.events(1)[0].json["number"] == 1
    enum = ask(server.url, "/?spec").json["paths"]["/v2/stream/{streams}"]
    assert "new" in str(enum)


def test_a_stream_that_is_taken_away_gets_no_new_clients(start):
    server = start(settings={"streams.ttl": "1s"})
    server.configure({"test.page": STREAMS["test.page"]})
    eventually(lambda: names(server) == ["test.page"])
    assert ask(server.url, "/v2/stream/test.change").status == 404


def test_a_broken_configuration_changes_nothing(start):
    server = start(settings={"streams.ttl": "1s"})
    for broken in ["{", "streams: 7", "streams: {test.page: {partitions: none}}", "streams: {a: {stream_aliases: [b]}, b: {}}"]:
        before = server.log().count("WARN") + server.log().count("ERROR")
        server.streams_file.write_text(broken)
        eventually(lambda: server.log().count("WARN") + server.log().count("ERROR") > before)
        assert names(server) == ["test.change", "test.page"]
    server.streams_file.unlink()
    server.configure(STREAMS | {"test.new": {"topics": ["dc1.test.new"]}})
    eventually(lambda: "test.new" in names(server))


def test_a_signal_reads_the_configuration_at_once(start):
    server = start(settings={"streams.ttl": "1h"})
    server.configure(STREAMS | {"test.new": {"topics": ["dc1.test.new"]}})
    server.signal(signal.SIGHUP)
    eventually(lambda: "test.new" in names(server))


def test_a_changed_redaction_rule_holds_at_once_for_what_is_in_memory(start):
    server = start(settings={"streams.ttl": "1h"}, config={"demo": {"enabled": False}})
    events = Events()
    post(server.intake, [events.next() | {"secret": "hunter2"}])
    assert "secret" in read_events(server.url, "/v2/stream/test.page?since=0", 1)[0].json
    (server.directory / "config.yaml").write_text('redaction: {rules: [{remove: [secret]}]}')
    server.signal(signal.SIGHUP)
    eventually(lambda: "secret" not in read_events(server.url, "/v2/stream/test.page?since=0", 1)[0].json)


def test_an_answer_that_is_no_configuration_is_not_taken(start):
    server = start(settings={"streams.ttl": "1h"})
    for text in ['{"error": {"code": "internal_api_error"}}', "streams: {test.new: {}}"]:
        server.streams_file.write_text(text)
        before = server.log().count("WARN")
        server.signal(signal.SIGHUP)
        eventually(lambda: server.log().count("WARN") > before)
        assert names(server) == ["test.change", "test.page"]


def test_only_allowed_streams_are_served(start):
    server = start(settings={"streams.allowed": "test.page"})
    assert names(server) == ["test.page"]
    assert ask(server.url, "/v2/stream/change").status == 404


def test_streams_may_stand_in_the_configuration_file(start):
    server = start(streams=None, config={"streams": {"inline": STREAMS}, "http": {"max_connections": 50}})
    assert names(server) == ["test.change", "test.page"]


def test_partitions_that_are_added_reach_those_who_listen(start):
    server = start(settings={"streams.ttl": "1s"})
    with Stream(server.url, "/v2/stream/test.change") as stream:
        assert next(stream.frames()).comment == "ok"
        server.configure(STREAMS | {"test.change": STREAMS["test.change"] | {"partitions": 8}})
        eventually(lambda: ask(server.url, "/v2/stream").json["streams"][0]["partitions"] == 8)
        events = Events()
        places = post(server.intake, [events.next("test.change", wiki=f"wiki{n}") for n in range(100)])
        assert any(place["partition"] > 2 for place in places)
        assert sorted(frame.json["number"] for frame in stream.events(100)) == list(range(100))
        assert len(json.loads(stream.last_id)) == 8


# Redaction

SECRET = "10.20.30.40"


def test_what_is_redacted_is_seen_by_nobody(start):
    server = start(config={"redaction": {"rules": [
        {"streams": ["test.page"], "match": {"hidden": True}, "remove": ["user", "log.ip"], "replace": {"performer": {}}}]}})
    events = Events()
    secret = {"user": SECRET, "log": {"ip": SECRET, "id": 7}, "performer": {"name": SECRET}}
    post(server.intake, [
        events.next(hidden=True, **secret), events.next(hidden=False, **secret), events.next("test.change", hidden=True, **secret)])
    for query in ["since=0", "since=0&format=ndjson", "last=10"]:
        answer = ask(server.url, f"/v2/stream/test.page?{query}&limit=2")
        hidden, shown = [line for line in answer.body.split(b"\n") if b'"number"' in line]
        assert SECRET.encode() not in hidden
        assert b'"performer":{}' in hidden and b'"log":{"id":7}' in hidden
        assert shown.count(SECRET.encode()) == 3
    other, = read_events(server.url, "/v2/stream/test.change?since=0", 1)
    assert SECRET in other.data, "a rule is for the streams it names"


def test_redacted_pages_lose_their_editors(start):
    streams = {"mediawiki.recentchange": {"topics": ["dc1.mediawiki.recentchange"], "stream_aliases": ["recentchange"]}}
    server = start(streams=streams, config={"mediawiki_redacted_pages": {"xx.example.org": ["Hidden page"]}})
    for title in ["Hidden page", "Hidden_page", "Shown"]:
        body = {"title": title, "user": SECRET, "meta": {"stream": "mediawiki.recentchange", "domain": "xx.example.org"}}
        assert post_bytes(server.intake, text(body)).status_code == 201
    frames = read_events(server.url, "/v2/stream/recentchange?since=0", 3)
    assert [SECRET in frame.data for frame in frames] == [False, False, True]


def test_a_rule_with_a_slip_keeps_the_server_from_starting(start):
    with pytest.raises(ServerFailed) as failure:
        start(config={"redaction": {"rules": [{"stream": ["test.page"], "remove": ["user"]}]}})
    assert "redaction" in str(failure.value)


# Metrics

def test_prometheus_finds_nothing_to_complain_of(server):
    post(server.intake, Events().list(5))
    with Stream(server.url, "/v2/stream/test.page?last=2") as stream:
        stream.events(2)
        eventually(lambda: b"eventstreams_connected_clients{" in ask(server.admin, "/metrics").body)
        answer = ask(server.admin, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    check = subprocess.run(["promtool", "check", "metrics"], input=answer.body, capture_output=True, timeout=30)
    assert check.returncode == 0 and not check.stderr, check.stderr.decode()
