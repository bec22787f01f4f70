"""Requests that no honest client sends. The server answers or closes, and goes on serving."""

import os
import re
import socket
import struct
import time

import pytest

from clients import Stream, ask, connect, exchange, parse_head, receive, request_bytes
from events import Events, post, post_bytes
from server import eventually

TARGET = "/v2/stream/test.page"


def get(head, target=TARGET):
    """A request with these lines for its header."""
    return b"GET " + target.encode() + b" HTTP/1.1\r\n" + head + b"\r\n"


HOST = b"Host: a\r\n"

REFUSED = {
    # RFC 9112: what leaves doubt about where a message ends is refused.
    "no Host": (get(b""), 400),
    "two Hosts": (get(HOST + b"Host: b\r\n"), 400),
    "a Host of spaces and slashes": (get(b"Host: a b/c\r\n"), 400),
    "a bare LF": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "a bare LF in the header": (get(b"Host: a\nX: y\r\n"), 400),
    "a bare CR": (get(b"Host: a\rX: y\r\n"), 400),
    "a folded line": (get(HOST + b"X: a\r\n b\r\n"), 400),
    "a space before the colon": (get(HOST + b"X : a\r\n"), 400),
    "a field without a colon": (get(HOST + b"nonsense\r\n"), 400),
    "a field without a name": (get(HOST + b": a\r\n"), 400),
    "NUL in a value": (get(HOST + b"X: a\0b\r\n"), 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "the same length twice": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
    "a length and chunks": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "a negative length": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
    "a length with a sign": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
    "a list of lengths": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400),
    "a length past any number": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n", 413),
    "an unknown coding": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    "chunked not last": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400),
    "chunked twice": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "a chunk that is no number": (b"POST /v2/stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "a chunk past any number":
        (b"POST /v2/stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\n", (400, 413)),
    "a method in lower case": (b"get / HTTP/1.1\r\nHost: a\r\n\r\n", (400, 501)),
    "an unknown method": (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    "CONNECT": (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", (400, 405, 501)),
    "HTTP/2.0 in the line": (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "what is almost the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n", (400, 501, 505)),
    "a target that is no path": (b"GET nonsense HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "bytes beyond ASCII in the target": (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a fragment in the target": (b"GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "TLS": (bytes.fromhex("16030100c8010000c40303") + bytes(180), 400),
    "an unknown expectation": (get(HOST + b"Expect: magic\r\n"), 417),
    # What is too large.
    "a long target": (get(HOST, "/" + "a" * 100_000), (414, 431)),
    "a long field": (get(HOST + b"X: " + b"a" * 100_000 + b"\r\n"), 431),
    "many fields": (get(HOST + b"".join(b"X%d: y\r\n" % n for n in range(2000))), 431),
    "an endless name": (get(HOST + b"a" * 100_000), 431),
}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """One server for all of these: it has to live through them."""
    from events import STREAMS
    from server import Server
    server = Server(tmp_path_factory.mktemp("hostile"), streams=STREAMS, settings={
        "http.head_timeout": "2s", "http.new_connections_per_address": 0, "http.max_sockets_per_address": 1000}).start()
    post(server.intake, Events().list(3))
    yield server
    assert ask(server.url, "/healthz").status == 200, "it serves on"
    assert server.stop() == 0, "it has not crashed"


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_request_is_refused_and_its_connection_closed(attacked, name):
    request, expected = REFUSED[name]
    # What follows must not be taken for a request of its own.
    received = exchange(attacked.url, request + b"GET /_info HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
    if not received and len(request) > 50_000:
        return  # The reset that follows bytes nobody reads can overtake the answer.
    status, headers, body = parse_head(received)
    assert status in ([expected] if isinstance(expected, int) else expected), received[:300]
    assert headers["content-type"].startswith("application/problem+json")
    assert len(re.findall(rb"HTTP/1\.1 \d", received)) == 1, "one answer, and the end"
    assert len(body) == int(headers["content-length"])


IDS = {
    "empty": b"", "no JSON": b"{", "a number": b"7", "null": b"null", "an object": b"{}", "an empty list": b"[]",
    "a list of numbers": b"[1,2]", "a partition below zero": b'[{"topic":"dc1.test.page","partition":-1,"offset":1}]',
    "a partition past any": b'[{"topic":"dc1.test.page","partition":99999999999999999999,"offset":1}]',
    "an offset as text": b'[{"topic":"dc1.test.page","partition":0,"offset":"1"}]',
    "an offset with a fraction": b'[{"topic":"dc1.test.page","partition":0,"offset":1.5}]',
    "an offset below -2": b'[{"topic":"dc1.test.page","partition":0,"offset":-3}]',
    "a timestamp past any": b'[{"topic":"dc1.test.page","partition":0,"timestamp":9223372036854775808}]',
    "no offset": b'[{"topic":"dc1.test.page","partition":0}]',
    "no topic": b'[{"partition":0,"offset":1}]',
    "invalid UTF-8": b'["\xff\xfe"]', "deep": b"[" * 8000,
    "300 entries": b"[" + b",".join([b'"dc1.test.page"'] * 300) + b"]",
    "17 KiB": b'["' + b"a" * 17_000 + b'"]',
    "base64 of nothing": b"AAAA", "a byte of base64": b"A", "other signs": b"!!!!", "long base64": b"A" * 4000,
}


@pytest.mark.parametrize("name", IDS)
def test_a_bad_id_is_400(attacked, name):
    request = request_bytes(TARGET, headers={"Connection": "close"})[:-2] + b"Last-Event-ID: " + IDS[name] + b"\r\n\r\n"
    status, _, body = parse_head(exchange(attacked.url, request))
    assert status == 400, body[:300]
    assert b'"invalid_last_event_id"' in body


def test_an_id_of_other_topics_only_is_404(attacked):
    answer = ask(attacked.url, TARGET, headers={"Last-Event-ID": '[{"topic":"other","partition":0,"offset":1}]'})
    assert answer.status == 404 and answer.json["type"] == "topic_not_available"
    # Topics of other streams of this server are no more open to it.
    answer = ask(attacked.url, TARGET, headers={"Last-Event-ID": '[{"topic":"dc1.test.change","partition":0,"offset":0}]'})
    assert answer.status == 404


@pytest.mark.parametrize("id_", [
    '[{"topic":"dc1.test.page","partition":0,"offset":9223372036854775807}]',
    '[{"topic":"dc1.test.page","partition":0,"timestamp":8640000000000000}]',
    '[{"topic":"dc1.test.page","partition":0,"timestamp":-8640000000000000}]',
    '[{"topic":"dc1.test.page","partition":0,"offset":-1}]', '[{"topic":"dc1.test.page","partition":0,"offset":-2}]',
    '["dc1.test.page"]', '[{"topic":"dc1.test.page","partition":2147483647,"offset":1},"dc1.test.page"]',
])
def test_an_extreme_id_gets_a_stream(attacked, id_):
    with Stream(attacked.url, TARGET, {"Last-Event-ID": id_}) as stream:
        assert next(stream.frames()).comment == "ok"


def test_what_a_request_says_is_not_an_answer_s_header(attacked):
    """Nothing of a path, a query or an id may begin a line of its own, in a header or in a stream."""
    injected = "%0d%0aX-Injected:%20yes%0d%0a%0d%0a"
    for target in [f"/{injected}", f"/v2/stream/{injected}", f"{TARGET}?since={injected}", f"{TARGET}?{injected}=1"]:
        answer = ask(attacked.url, target)
        assert 400 <= answer.status < 500
        assert "x-injected" not in answer.headers
        assert b"\n" not in answer.body.strip()


@pytest.mark.parametrize("title", ["\r\n\r\nevent: gap\r\ndata: x", "\n\ndata: x", "a\u2028b\u2029c", "\x00\x1f", "\\u000a", "</script>"])
def test_an_event_can_not_break_out_of_its_line(attacked, title):
    event = Events().next(title=title)
    post(attacked.intake, [event])
    with Stream(attacked.url, f"{TARGET}?last=1&limit=1") as stream:
        frame, = stream.events()
        assert frame.json["title"] == title


def test_events_with_broken_unicode_are_refused_or_kept_whole(attacked):
    body = b'{"meta":{"stream":"test.page"},"x":"\\ud800"}'
    answer = post_bytes(attacked.intake, body)
    if answer.status_code == 201:
        with Stream(attacked.url, f"{TARGET}?last=1&limit=1") as stream:
            assert '"x":"\\ud800"' in stream.events()[0].data
    else:
        assert answer.status_code == 400


# Slow and odd

def test_a_header_that_does_not_end_is_408(attacked):
    with connect(attacked.url) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        status, _, _ = parse_head(receive(connection))
    assert status == 408


def test_a_header_that_trickles_is_408_all_the_same(attacked):
    with connect(attacked.url) as connection:
        deadline = time.monotonic() + 30
        received = b""
        connection.settimeout(0.2)
        while time.monotonic() < deadline and not received:
            try:
                connection.sendall(b"X")
                received = connection.recv(4096)
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
    assert time.monotonic() < deadline, "each byte gives it time anew"
    assert not received or received.startswith(b"HTTP/1.1 4")


def test_a_request_may_come_byte_by_byte(attacked):
    with connect(attacked.url) as connection:
        for byte in request_bytes("/_info/name", headers={"Connection": "close"}):
            connection.sendall(bytes([byte]))
        assert parse_head(receive(connection))[0] == 200


def test_requests_may_come_in_one_piece(attacked):
    received = exchange(attacked.url, request_bytes("/_info/name") * 20 + request_bytes("/_info", headers={"Connection": "close"}))
    assert received.count(b"HTTP/1.1 200 ") == 21


def test_what_follows_a_request_for_a_stream_is_passed_over(attacked):
    with connect(attacked.url) as connection:
        connection.sendall(request_bytes(f"{TARGET}?last=1&limit=1") + request_bytes("/_info") * 3)
        received = receive(connection)
    assert received.count(b"HTTP/1.1 ") == 1


def test_expect_continue_is_met(attacked):
    body = b'{"meta":{"stream":"test.page"}}'
    head = f"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    with connect(attacked.intake) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert parse_head(receive(connection))[0] == 201


def test_a_chunked_body_with_trailers_is_taken(attacked):
    body = b'{"meta":{"stream":"test.page"}}'
    chunks = b"".join(b"1;x=y\r\n%c\r\n" % byte for byte in body) + b"0\r\nTrailer: x\r\n\r\n"
    request = b"POST /v1/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks
    assert parse_head(exchange(attacked.intake, request))[0] == 201


def test_a_client_that_ends_its_side_still_gets_its_answer(attacked):
    with connect(attacked.url) as connection:
        connection.sendall(request_bytes("/_info/name", headers={"Connection": "close"}))
        connection.shutdown(socket.SHUT_WR)
        received = receive(connection)
    # Either is sound: an answer, or an end without one. Nothing may hang.
    assert not received or parse_head(received)[0] == 200


def test_clients_that_reset_leave_nothing_behind(attacked):
    before = attacked.descriptors()
    for _ in range(300):
        connection = connect(attacked.url)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(request_bytes(TARGET))
        connection.close()
    for _ in range(300):
        connect(attacked.url).close()
    eventually(lambda: attacked.descriptors() <= before + 2)


def test_noise_is_survived(attacked):
    for length in [1, 10, 100, 1000, 60_000]:
        for _ in range(20):
            with connect(attacked.url, timeout=10) as connection:
                try:
                    connection.sendall(os.urandom(length))
                    connection.shutdown(socket.SHUT_WR)
                    receive(connection, 10)
                except OSError:
                    pass
    assert ask(attacked.url, "/healthz").status == 200


def test_many_half_requests_keep_no_one_out(attacked):
    half = [connect(attacked.url) for _ in range(200)]
    for connection in half:
        connection.sendall(b"GET / HTTP/1.1\r\nHo")
    assert ask(attacked.url, "/healthz").status == 200
    for connection in half:
        receive(connection)
        connection.close()
