"""HTTP/2 by prior knowledge, on the port of HTTP/1.1."""

import json
import re
import socket
import subprocess

import h2.config
import h2.connection
import h2.events
import httpx
import httpx_sse
import pytest

from events import Events, post, text
from server import eventually

# Cases of h2spec that do not pass, and why.
H2SPEC_EXCEPTIONS = {
    "Sends invalid connection preface":
        "The port serves HTTP/1.1 too: what is no preface is a request of that, answered 400 before the connection ends.",
    "Sends stream identifier that is numerically smaller than previous":
        "libnghttp2 ignores frames of a stream that it no longer has, as it must for what was on its way when the stream was"
        " reset (RFC 9113, section 5.1); such a request is never served.",
}


@pytest.fixture
def http2(server):
    """A client that speaks nothing but HTTP/2, and a server with ten events."""
    server.events = Events()
    post(server.intake, server.events.list(10))
    with httpx.Client(http1=False, http2=True, base_url=server.url, timeout=30) as client:
        yield client


def h2spec(shared, port, *options):
    """The cases of h2spec, strictly, that a port does not pass, and all that it says."""
    done = subprocess.run([shared / "tools/h2spec", "-h", "127.0.0.1", "-p", str(port), *options, "--strict", "-o", "10"],
                          capture_output=True, text=True, timeout=300)
    assert "146 tests" in done.stdout, done.stdout[-500:] + done.stderr
    return {match[1] for match in re.finditer(r"× (?:\d+: )?(.*)", done.stdout.split("Failures:")[-1])}, done.stdout


def test_h2spec_passes_strictly(server, shared):
    failures, output = h2spec(shared, server.port)
    assert failures <= H2SPEC_EXCEPTIONS.keys(), output[-3000:]


def test_documents_are_as_over_http1(http2, server):
    for path in ["/v2/stream", "/?spec", "/robots.txt", "/nothing", "/v2/stream/nothing", "/v2/ui/", "/rc"]:
        ours, theirs = http2.get(path), httpx.get(server.url + path)
        assert ours.http_version == "HTTP/2" and theirs.http_version == "HTTP/1.1"
        assert ours.status_code == theirs.status_code
        if path != "/v2/stream":
            assert strip(ours.content) == strip(theirs.content)
        differing = {"date", "connection", "content-length", "retry-after", "x-request-id"}
        assert {k: v for k, v in ours.headers.items() if k not in differing} == {
            k: v for k, v in theirs.headers.items() if k not in differing}


def strip(body):
    """Without what is new in each answer."""
    return re.sub(rb'"(request_id|instance)":"[^"]*"', b"", body)


def test_a_stream_is_resumed_over_http2(http2):
    def read(count, **headers):
        with httpx_sse.connect_sse(http2, "GET", "/v2/stream/test.page?since=2000-01-01T00:00:00Z", headers=headers) as source:
            assert source.response.http_version == "HTTP/2"
            assert "transfer-encoding" not in source.response.headers
            events = []
            for event in source.iter_sse():
                events.append(event)
                if len(events) == count:
                    return events

    first = read(4)
    rest = read(6, **{"Last-Event-ID": first[-1].id})
    assert [json.loads(event.data)["number"] for event in first + rest] == list(range(10))


def test_events_are_taken_in_over_http2(http2, server):
    event = server.events.next()
    answer = http2.post(server.intake, content=text(event), headers={"Content-Type": "application/json"})
    assert (answer.http_version, answer.status_code) == ("HTTP/2", 201)
    large = subprocess.run(
        ["curl", "-sS", "-m", "20", "--http2-prior-knowledge", "-w", "%{http_code}", "--data-binary", "@-", server.url],
        input=b"x" * 100_000, capture_output=True, timeout=30)
    assert large.stdout.endswith(b"413"), large.stderr


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_curl_reads_a_stream(http2, server, encoding):
    done = subprocess.run(
        ["curl", "-sSN", "-m", "20", "--http2-prior-knowledge", "--compressed", "-w", "%{http_version}",
         f"{server.url}/v2/stream/test.page?since=2000-01-01T00:00:00Z&limit=10&encoding={encoding}"],
        capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(b"2") and done.stdout.count(b"\ndata: {") == 10


class Line:
    """An HTTP/2 connection whose windows the test decides."""

    def __init__(self, url, window=65_535):
        host, port = url.split("//")[1].split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.h2.initiate_connection()
        self.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.bodies, self.statuses, self.ended, self.resets, self.goodbyes = {}, {}, set(), {}, 0
        self.flush()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def get(self, path):
        stream = self.h2.get_next_available_stream_id()
        fields = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", path)]
        self.h2.send_headers(stream, fields, end_stream=True)
        self.flush()
        return stream

    def until(self, is_met, greedy=()):
        """Reads until something is so. Streams in `greedy` have their windows opened again."""
        while not is_met(self):
            data = self.socket.recv(65_536)
            assert data, "the server closed"
            for event in self.h2.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    self.statuses[event.stream_id] = int(dict(event.headers)[b":status"])
                elif isinstance(event, h2.events.DataReceived):
                    self.bodies[event.stream_id] = self.bodies.get(event.stream_id, b"") + event.data
                    if event.stream_id in greedy:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    self.ended.add(event.stream_id)
                elif isinstance(event, h2.events.StreamReset):
                    self.resets[event.stream_id] = event.error_code
                elif isinstance(event, h2.events.ConnectionTerminated):
                    self.goodbyes += 1
            self.flush()


def test_thirty_streams_on_one_connection(server):
    line = Line(server.url)
    streams = [line.get("/v2/stream/test.page") for _ in range(30)]
    line.until(lambda line: len(line.bodies) == 30)
    post(server.intake, Events().list(1))
    line.until(lambda line: all(b'"number":0' in line.bodies[stream] for stream in streams))
    line.socket.close()


def test_a_stream_whose_window_is_shut_stalls_and_is_evicted_alone(start):
    server = start(settings={"streaming.stall_timeout": "2s", "streaming.heartbeat": "1s"})
    line = Line(server.url, window=2_000)
    shut, open_ = line.get("/v2/stream/test.page"), line.get("/v2/stream/test.page")
    line.until(lambda line: len(line.bodies) == 2)
    post(server.intake, Events().list(40))
    line.until(lambda line: b'"number":39' in line.bodies[open_], greedy={open_})
    assert len(line.bodies[shut]) == 2_000
    line.until(lambda line: shut in line.resets, greedy={open_})
    post(server.intake, Events(2).list(1))
    line.until(lambda line: line.bodies[open_].count(b'"number":0') == 2, greedy={open_})
    assert open_ not in line.resets
    line.socket.close()


def test_a_cancelled_stream_frees_its_place_at_once(start):
    server = start(settings={"http.max_connections_per_address": 2})
    line = Line(server.url)
    first, second = line.get("/v2/stream/test.page"), line.get("/v2/stream/test.page")
    line.until(lambda line: len(line.bodies) == 2)
    third = line.get("/v2/stream/test.page")
    line.until(lambda line: third in line.ended)
    assert line.statuses[third] == 429
    line.h2.reset_stream(first, error_code=8)
    fourth = line.get("/v2/stream/test.page")
    line.until(lambda line: fourth in line.bodies)
    assert line.statuses[fourth] == 200
    line.socket.close()


def test_a_restart_is_told_and_ends_streams_in_order(start):
    server = start(settings={"http.drain_time": "1s"})
    follower = subprocess.Popen(
        ["nghttp", "-v", f"{server.url}/v2/stream/test.page"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        while b":ok" not in follower.stdout.readline():
            pass
        server.process.terminate()
        told = follower.communicate(timeout=30)[0].decode()
    finally:
        follower.kill()
    assert "recv GOAWAY frame" in told and "error_code=NO_ERROR" in told
    assert "retry: " in told and "END_STREAM" in told.split("retry: ")[1]
    eventually(lambda: server.process.poll() == 0)
