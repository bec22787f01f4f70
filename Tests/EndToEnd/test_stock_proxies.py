"""Streams through proxies as Debian configures them: nothing waits for what comes after it."""

import contextlib

import pytest

from clients import Stream
from events import Events, post
from server import eventually
from stock_proxies import PROXIES

# How a client may ask, and whether the stream comes in gzip where the proxy lets it. Python's libraries ask for gzip
# whether they unpack or not.
KINDS = {
    "plain": ({}, "", False),
    "library": ({"User-Agent": "python-requests/2.34.2", "Accept-Encoding": "gzip, deflate"}, "", False),
    "curl": ({"User-Agent": "curl/8.0", "Accept-Encoding": "gzip"}, "", True),
    "lines": ({"Accept": "application/x-ndjson"}, "&format=ndjson", False),
}


@pytest.mark.parametrize("name", PROXIES)
def test_a_stream_through_a_stock_proxy_is_at_once_and_whole(server, stock_proxy, name):
    proxy = stock_proxy(name, server)
    events = Events()
    target = "/v2/stream/test.change?heartbeat=1"
    with contextlib.ExitStack() as opened:
        def open_all(ids=None):
            streams = {}
            for kind, (headers, query, _) in KINDS.items():
                place = {"Last-Event-ID": ids[kind]} if ids and ids[kind] else {}
                streams[kind] = opened.enter_context(Stream(proxy.url, target + query, headers | place))
            return streams

        streams = open_all()
        lines = streams.pop("lines")
        # The beginning comes though there is no event, and may never be one.
        assert next(piece for piece in lines.body() if piece) == b"\n"
        for kind, stream in streams.items():
            assert next(stream.frames()).comment == "ok"
            is_packed = KINDS[kind][2] and name != "Varnish"
            assert stream.headers.get("content-encoding") == ("gzip" if is_packed else None), kind
            assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        # Each event comes though there is none behind it.
        for number in range(5):
            post(server.intake, events.list(1, "test.change"))
            for stream in streams.values():
                assert [frame.json["number"] for frame in stream.events(1)] == [number]
        # A heartbeat, too.
        for stream in streams.values():
            assert next(frame for frame in stream.frames() if frame.comment).comment.startswith(" heartbeat")
        # Whoever leaves is missed, and goes on where it was.
        ids = {kind: stream.last_id for kind, stream in streams.items()}
        for stream in [*streams.values(), lines]:
            stream.close()
        assert eventually(lambda: server.metric("eventstreams_connected_clients") == 0)
        post(server.intake, events.list(20, "test.change"))
        streams = open_all(ids | {"lines": None})
        del streams["lines"]
        for stream in streams.values():
            assert sorted(frame.json["number"] for frame in stream.events(20)) == list(range(5, 25))
