"""The access log: a line when a stream ends or a request is refused."""

import json
import re

import pytest

from clients import Stream, ask, connect, read_events, receive, request_bytes
from events import Events, post, post_bytes
from server import eventually


def lines(server, word):
    """The fields of the JSON lines with this message."""
    entries = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    return [entry for entry in entries if entry["message"] == word]


def wait_for(server, word, count=1):
    return eventually(lambda: (found := lines(server, word)) and len(found) >= count and found)


@pytest.fixture
def told(start):
    return start(options=["--log-format", "json"])


def test_a_stream_that_ends_is_told_with_its_events_and_bytes(told):
    post(told.intake, Events().list(5))
    read_events(told.url, "/v2/stream/test.page?since=0&limit=3", 3)
    with Stream(told.url, "/v2/stream/test.page") as stream:
        assert next(stream.frames()).comment == "ok"
        post(told.intake, Events(2).list(2))
        stream.events(2)
    limited, live = wait_for(told, "stream ended", 2)
    assert limited["target"] == "/v2/stream/test.page?since=0&limit=3" and limited["method"] == "GET"
    assert (limited["address"], limited["status"], limited["events"]) == ("127.0.0.1", 200, 3)
    assert limited["reason"] == "finished" and limited["bytes"] > 1000
    assert isinstance(limited["milliseconds"], int) and limited["streams"] == "test.page"
    assert live["events"] == 2


def test_a_stream_that_begins_is_told_with_its_filter_and_who_asks(told):
    path = "/v2/stream/page?since=0&until=PT0S&match.wiki=bbwiki"
    hostile = "bot/1.0 (x) \" forged=1 \\" + "y" * 500
    read_events(told.url, path, headers={"User-Agent": hostile})
    began, = wait_for(told, "stream began")
    assert began["streams"] == "test.page" and began["target"] == path and began["filter"] == 'wiki == "bbwiki"'
    assert hostile.startswith(began["agent"]) and len(began["agent"]) == 200
    assert not {"events", "bytes", "reason", "forged"} & began.keys()
    ended, = wait_for(told, "stream ended")
    assert ended["agent"] == began["agent"]
    line, = ask(told.admin, "/consumers").json["consumers"]
    assert (line["agent"], line["stream"], line["clients"], line["streams"]) == ("bot", "test.page", 0, 1)
    assert line["bytes"] == ended["bytes"] and line["userAgent"] == began["agent"]
    eventually(lambda: told.metric('eventstreams_consumer_streams_total{agent="bot",stream="test.page"}') == 1)


def test_a_request_that_is_refused_is_told_with_the_reason(told):
    ask(told.url, "/v2/stream/none")
    ask(told.url, "/v2/stream/test.page?last=x")
    post_bytes(told.intake, b"{}")
    with connect(told.url) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
        receive(connection)
    refused = wait_for(told, "request refused", 4)
    assert [(line["status"], line["reason"]) for line in refused] == [
        (404, "stream_not_found"), (400, "invalid_parameter"), (400, "invalid_event"), (400, "bad_field_name")]
    assert refused[2]["method"] == "POST" and "events" not in refused[0]
    for line in refused:
        assert re.fullmatch("[a-z_]+", line["reason"])


def test_behind_a_trusted_proxy_the_client_is_told(start):
    server = start(options=["--log-format", "json"], settings={"http.trusted_proxies": "127.0.0.0/8"})
    with connect(server.url) as connection:
        connection.sendall(request_bytes("/v2/stream/none", headers={"X-Forwarded-For": "203.0.113.9", "Connection": "close"}))
        receive(connection)
    assert wait_for(server, "request refused")[0]["address"] == "203.0.113.9"


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_request_forges_a_line(start, form):
    server = start(options=["--log-format", form])
    forged = "INFO stream ended address=6.6.6.6"
    hostile = ["/%0a" + forged.replace(" ", "%20"), "/\u2028x", "/\x85x", '/"x"="y', "/a=b", "/" + "x" * 20_000]
    for target in hostile:
        with connect(server.url) as connection:
            connection.sendall(request_bytes(target, headers={"Connection": "close"}))
            receive(connection)
    eventually(lambda: server.log().count("request refused") >= len(hostile))
    for line in server.log().splitlines():
        assert len(line) < 1500
        if form == "json":
            json.loads(line)
        else:
            assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z [A-Z]+ ", line)


def test_lines_are_limited_and_counted(start):
    server = start(settings={"logging.access_lines": 2})
    for _ in range(20):
        ask(server.url, "/nothing")
    eventually(lambda: server.metric("eventstreams_access_lines_left_out_total") > 0)
    assert server.log().count("request refused") < 20


def test_one_setting_turns_it_off(start):
    server = start(settings={"logging.access_lines": 0})
    ask(server.url, "/nothing")
    read_events(server.url, "/v2/stream/test.page?since=0&until=PT0S")
    assert server.stop() == 0
    assert "request refused" not in server.log() and "stream ended" not in server.log()
