"""The load tool: against our server, and against servers that don't do their work."""

import contextlib
import http.server
import json
import socket
import subprocess
import threading
import time

import pytest

from events import Events, post
from ports import free_ports
from server import BINARY


def bench(url, *options, timeout=90):
    command = [BINARY, "bench", "--json", *options, url]
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=timeout)
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr.decode()


def stamped(events, stream):
    return events.next(stream) | {"sent": time.time()}


@contextlib.contextmanager
def production(server, stream):
    """Posts events, a few at a time, all the while."""
    ending = threading.Event()

    def produce():
        events = Events()
        while not ending.wait(0.02):
            post(server.intake, [stamped(events, stream) for _ in range(2)])

    thread = threading.Thread(target=produce)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


@pytest.fixture
def open_server(start):
    """A server that takes any number of clients from one address."""
    return start(settings={"http.max_connections_per_address": 0})


# Also with several partitions, and with ids that only the server's list of topics makes readable.
@pytest.mark.parametrize("target", ["test.page", "test.change", "test.change?ids=compact", "test.page,test.change"])
def test_two_hundred_clients_of_a_live_stream_lose_nothing(open_server, target):
    server = open_server
    with production(server, target.partition("?")[0].partition(",")[0]):
        code, result, errors = bench(
            f"{server.url}/v2/stream/{target}", "--clients", 200, "--seconds", 3, "--timestamp-field", "sent", "--pid",
            server.process.pid)
    assert code == 0, (result, errors)
    clients, checked = result["clients"], result["checked"]
    assert clients["asked"] == clients["connected"] == 200
    assert clients["failed"] == clients["broken"] == {} and clients["stalled"] == clients["ended"] == 0
    assert checked == {"by": "positions", "lost": 0, "repeated": 0, "disordered": 0, "unchecked": 0, "gaps": 0, "errors": 0}
    assert result["good"] is True
    # Every client has about as many; together they have all that were counted, and those before and after.
    assert 0 < clients["fewest_events"] <= clients["most_events"]
    assert 0 < result["events"] <= 200 * clients["most_events"]
    assert result["bytes"] > 100 * result["events"]
    assert result["events_per_second"] == pytest.approx(result["events"] / result["seconds"], rel=0.01)
    latency = result["latency_ms"]
    assert latency["count"] == result["events"] and latency["early"] == 0
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["p99.9"] <= latency["max"] < 30_000
    arrival = result["arrival_ms"]
    # The kernel may begin to note times a moment after the first client asked it to.
    assert 0 < arrival["count"] <= latency["count"]
    assert 0 < arrival["p50"] <= latency["p50"] and arrival["max"] <= latency["max"]
    assert 0 < result["server"]["opening_cpu_seconds"] and "200 of 200 clients connected" in errors
    assert result["server"]["memory_after_bytes"] > 1 << 20 and result["server"]["cpu_seconds"] >= 0
    assert result["own"]["cpu_seconds"] > 0 and result["own"]["memory_bytes"] > 1 << 20


def test_history_is_measured_from_the_start_to_the_streams_ends(open_server):
    post(open_server.intake, Events().list(2000, "test.change"))
    code, result, errors = bench(
        f"{open_server.url}/v2/stream/test.change?since=PT1H&limit=2000", "--clients", 20, "--from-start", "--seconds", 60)
    assert code == 0, (result, errors)
    assert result["events"] == 20 * 2000 and result["clients"]["ended"] == 20
    assert result["clients"]["fewest_events"] == result["clients"]["most_events"] == 2000
    assert result["seconds"] < 60, "it ends when the last client has ended"


@pytest.mark.parametrize("waiting", [1, 1000])
def test_as_many_clients_wait_for_an_answer_as_may(open_server, waiting):
    post(open_server.intake, Events().list(1, "test.change"))
    code, result, errors = bench(
        f"{open_server.url}/v2/stream/test.change?since=PT1H&limit=1", "--clients", 300, "--waiting", waiting, "--from-start",
        "--timestamp-field", "none", "--seconds", 60)
    assert code == 0, (result, errors)
    assert result["events"] == result["clients"]["ended"] == 300
    assert result["latency_ms"] is result["arrival_ms"] is result["server"] is None


def test_what_comes_while_it_warms_up_is_checked_and_not_measured(open_server):
    server = open_server
    events = Events()
    post(server.intake, [stamped(events, "test.page") for _ in range(20)])
    code, result, errors = bench(
        f"{server.url}/v2/stream/test.page?since=PT1H", "--clients", 5, "--warm-up", 2, "--seconds", 1)
    assert code == 0, (result, errors)
    assert result["clients"]["fewest_events"] == 20 and result["events"] == 0
    assert 1 <= result["seconds"] < 2

    wrong = subprocess.run([BINARY, "bench", "--warm-up", "2", "--from-start", server.url], capture_output=True, timeout=60)
    assert wrong.returncode == 2


def test_clients_that_are_refused_are_counted(start):
    server = start(settings={"http.max_connections_per_address": 5})
    code, result, _ = bench(f"{server.url}/v2/stream/test.page", "--clients", 8, "--seconds", 1)
    assert code == 1
    assert result["clients"]["connected"] == 5 and result["clients"]["failed"] == {"status_429": 3}


def test_nobody_there_is_counted():
    closed, = free_ports(1)
    code, result, _ = bench(f"http://127.0.0.1:{closed}/", "--clients", 3, "--seconds", 1)
    assert code == 1
    assert result["clients"]["failed"] == {"connection_refused": 3}


@pytest.mark.parametrize("words", [[], ["ftp://127.0.0.1"], ["http://127.0.0.1", "--clients", "0"], ["http://a", "--url", "http://a"],
                                   ["http://127.0.0.1", "--streams-per-connection", "5"]])
def test_wrong_use_is_told(words):
    done = subprocess.run([BINARY, "bench", *words], capture_output=True, timeout=60)
    assert done.returncode == 2 and done.stderr


# Over HTTP/2

@pytest.mark.parametrize("options", [[], ["--gzip"]])
def test_streams_of_http2_lose_nothing(open_server, nginx, options):
    front = nginx(open_server)
    with production(open_server, "test.page"):
        code, result, errors = bench(
            f"{front.url}/v2/stream/test.page", "--h2", "--streams-per-connection", 30, "--clients", 100, "--seconds", 2,
            "--timestamp-field", "sent", *options)
    assert code == 0, (result, errors)
    assert result["http"] == "2" and result["connections"] == 4
    assert result["clients"]["connected"] == 100 and result["checked"]["by"] == "positions"
    assert result["checked"]["lost"] == result["checked"]["unchecked"] == 0
    assert result["events"] > 0 and result["latency_ms"]["count"] == result["events"]
    # Bytes that a connection's clients share came at one time; the kernel tells it but for some of the first.
    assert 0 < result["arrival_ms"]["count"] <= result["events"]


def test_history_over_http2_comes_as_fast_and_as_whole(open_server, nginx):
    front = nginx(open_server)
    post(open_server.intake, Events().list(2000, "test.change"))
    code, result, errors = bench(
        f"{front.url}/v2/stream/test.change?since=PT1H&limit=2000", "--h2", "--clients", 20, "--from-start",
        "--seconds", 60)
    assert code == 0, (result, errors)
    assert result["events"] == 20 * 2000 and result["clients"]["ended"] == 20
    assert result["connections"] == 1 and result["seconds"] < 60


def test_no_more_streams_are_opened_than_the_server_allows(open_server, nginx):
    front = nginx(open_server, streams=7)
    post(open_server.intake, Events().list(50, "test.change"))
    code, result, errors = bench(
        f"{front.url}/v2/stream/test.change?since=PT1H", "--h2", "--clients", 40, "--seconds", 1)
    assert code == 0, (result, errors)
    assert result["clients"]["connected"] == 40 and result["connections"] >= 6
    assert result["clients"]["fewest_events"] == result["clients"]["most_events"] == 50


def test_another_servers_streams_are_followed_over_http2(nchan):
    ending = threading.Event()

    def publish():
        number = 0
        while not ending.wait(0.01):
            number += 1
            nchan.publish(json.dumps({"number": number, "sent": time.time()}))

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        code, result, errors = bench(
            f"{nchan.url}/subscribe", "--h2", "--clients", 150, "--seconds", 2, "--timestamp-field", "sent")
    finally:
        ending.set()
        thread.join()
    assert code == 0, (result, errors)
    assert result["connections"] == 2 and result["clients"]["connected"] == 150
    assert result["events"] > 150 and result["clients"]["broken"] == {}


def test_a_server_without_http2_is_told_by_name():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as front:
        threading.Thread(target=front.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{front.server_port}/v2/stream/test.page"
        code, result, errors = bench(url, "--h2", "--clients", 3, "--seconds", 1)
        front.shutdown()
    assert code == 1
    assert result["clients"]["failed"] == {"not_http2": 3}
    assert "does not speak HTTP/2 without TLS" in errors


def test_a_server_that_closes_connections_is_told_by_name(open_server, nginx):
    # nginx ends a connection in order after so many requests, and lets those end that it has taken.
    front = nginx(open_server, requests=5)
    post(open_server.intake, Events().list(50, "test.change"))
    code, result, errors = bench(
        f"{front.url}/v2/stream/test.change?since=PT1H&limit=50", "--h2", "--clients", 20, "--from-start", "--seconds", 20)
    assert code == 1, (result, errors)
    failed = result["clients"]["failed"]
    assert result["clients"]["ended"] + sum(failed.values()) == 20, result
    assert result["clients"]["ended"] >= 5 and "reset_refused_stream" in failed, result
    assert result["checked"]["lost"] == 0


# Servers that don't do their work

class FakeServer:
    """Sends each client the events that `events` gives for its number, in one piece, and keeps the connection."""

    HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

    def __init__(self, events):
        self.events = events
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.connections = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                number = len(self.connections)
                self.connections.append(connection)
                while b"\r\n\r\n" not in connection.recv(4096):
                    pass
                connection.sendall(self.HEAD + b"".join(b"id: %s\ndata: {}\n\n" % self.id(e) for e in self.events(number)))

    @staticmethod
    def id(offset):
        return json.dumps([{"topic": "t", "partition": 0, "offset": offset, "timestamp": offset}]).encode()

    def close(self):
        # Wakes the thread out of its accept.
        self.listener.shutdown(socket.SHUT_RDWR)
        for each in (self.listener, *self.connections):
            each.close()


@pytest.fixture
def fake():
    servers = []

    def fake(events, kind=FakeServer):
        servers.append(kind(events))
        return servers[-1]

    yield fake
    for server in servers:
        server.close()


class NumberingServer(FakeServer):
    @staticmethod
    def id(offset):
        return b"%d" % offset


@pytest.mark.parametrize("kind", [FakeServer, NumberingServer])
def test_a_server_that_skips_an_event_for_one_client_is_caught(fake, kind):
    server = fake(lambda number: [e for e in range(1, 21) if (number, e) != (3, 12)], kind)
    code, result, _ = bench(server.url, "--clients", 6, "--seconds", 1)
    assert code == 1
    assert result["checked"]["lost"] == 1 and result["good"] is False
    assert result["checked"]["repeated"] == result["checked"]["disordered"] == 0


def test_a_server_that_repeats_and_confuses_events_is_caught(fake):
    server = fake(lambda number: [1, 2, 3, 4, 4, 5] if number == 0 else [1, 3, 2, 4, 5] if number == 1 else [1, 2, 3, 4, 5])
    code, result, _ = bench(server.url, "--clients", 4, "--seconds", 1)
    assert code == 1
    assert (result["checked"]["repeated"], result["checked"]["disordered"], result["checked"]["lost"]) == (1, 1, 1)


def test_a_server_that_forgets_a_client_is_caught(fake):
    server = fake(lambda number: range(1, 6 if number == 2 else 21))
    code, result, _ = bench(server.url, "--clients", 4, "--seconds", 1)
    assert code == 1
    assert result["clients"]["stalled"] == 1 and result["checked"]["lost"] == 0


def test_a_server_that_does_its_work_is_not_accused(fake):
    # Each begins where it came, and 8 is no event of this stream.
    server = fake(lambda number: [e for e in range(1 + number, 21) if e != 8])
    code, result, _ = bench(server.url, "--clients", 6, "--seconds", 1)
    assert code == 0, result
    assert result["good"] is True
