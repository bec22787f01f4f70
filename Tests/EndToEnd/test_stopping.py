"""The end of a server, and a second one on its directory."""

import os
import signal
import subprocess
import time

import pytest

from clients import Response, Stream, ask, exchange, parse_head, request_bytes
from events import Events, post
from server import PATIENCE, ServerFailed, eventually


def test_a_stop_ends_streams_in_order_and_exits_with_0(start):
    server = start(settings={"http.drain_time": "2s"})
    events = Events()
    post(server.intake, events.list(3))
    streams = [Stream(server.url, "/v2/stream/test.page?last=3") for _ in range(20)]
    plain = Stream(server.url, "/v2/stream/test.page?last=3&format=ndjson")
    for stream in streams:
        assert len(stream.events(3)) == 3
    plain_body = plain.body()
    received = b""
    while received.count(b"\n") < 4:
        received += next(plain_body)
    server.signal(signal.SIGTERM)
    for stream in streams:
        rest = list(stream.frames())
        assert stream.chunks.is_finished, "the body has a clean end"
        assert rest[-1].retry is not None
        assert 1000 <= int(rest[-1].retry) <= 10_000
    list(plain_body)
    assert plain.chunks.is_finished
    assert server.wait() == 0


def test_a_stopping_server_says_that_it_is_not_ready(start):
    server = start(settings={"http.drain_time": "20s"})
    streams = [Stream(server.url, "/v2/stream/test.page") for _ in range(5)]
    for stream in streams:
        assert next(stream.frames()).comment == "ok"
    server.signal(signal.SIGTERM)
    # A connection that has sent nothing yet when the stop begins is closed like any other between two requests.
    answer = eventually(lambda: (a := readiness(server)) is not None and a.status == 503 and a)
    assert answer.json["status"] == "draining"
    assert not any(stream.ended for stream in streams)
    server.signal(signal.SIGTERM)
    server.wait()


def readiness(server):
    received = exchange(server.admin, request_bytes("/readyz", headers={"Connection": "close"}), timeout=10)
    if not received:
        return None
    status, headers, body = parse_head(received)
    return Response(status, headers, body)


def test_a_second_signal_ends_it_at_once(start):
    server = start(settings={"http.drain_time": "1h"})
    stream = Stream(server.url, "/v2/stream/test.page")
    assert next(stream.frames()).comment == "ok"
    server.signal(signal.SIGTERM)
    # Two signals that wait at the same time are one: the first must have been taken.
    eventually(lambda: "SIGTERM" in server.log() or "stop" in server.log().lower() or "drain" in server.log().lower())
    assert server.process.poll() is None
    server.signal(signal.SIGTERM)
    server.wait(PATIENCE)


def test_an_interrupt_is_a_stop_too(start):
    server = start()
    server.signal(signal.SIGINT)
    assert server.wait() == 0


def test_a_second_server_on_the_same_directory_is_refused(start):
    first = start("first")
    with pytest.raises(ServerFailed) as failure:
        start("second", settings={"storage.data_dir": first.data})
    assert str(first.data) in str(failure.value)
    assert any(word in str(failure.value) for word in ("in use", "already", "another"))
    assert ask(first.url, "/readyz").status == 200


def test_a_port_that_is_taken_is_named(start):
    first = start("first")
    with pytest.raises(ServerFailed) as failure:
        start("second", ports=(first.port, 0, 0))
    assert str(first.port) in str(failure.value)


def test_a_directory_that_cannot_be_made_is_named(start, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ServerFailed) as failure:
        start(settings={"storage.data_dir": file / "data"})
    assert str(file) in str(failure.value)


def test_a_server_that_says_where_it_is_is_ready(start):
    server = start()
    events = Events()
    post(server.intake, events.list(6000))
    for _ in range(5):
        server.kill()
        server.launch()
        assert ask(server.url, "/v2/stream/test.page?until=2020-01-01").status == 200
