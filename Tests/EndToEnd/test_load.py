"""Clients that do not read, clients that are many, clients over their limit."""

import json
import pathlib
import platform
import re
import resource
import threading

import pytest

from clients import Stream, ask, connect, request_bytes
from events import Events, filler, post
from server import eventually

MEBIBYTE = 1 << 20


def test_a_client_that_does_not_read_costs_its_buffers_and_is_cut_off(start):
    server = start(settings={
        "streaming.stall_timeout": "3s", "streaming.tail_bytes": "8MiB", "streaming.ring_bytes": "1MiB",
        "streaming.block_cache_bytes": "8MiB"})
    events = Events()
    target = "/v2/stream/test.page"
    reader = Stream(server.url, target, timeout=120)
    iterator = reader.frames()
    assert next(iterator).comment == "ok"
    reader._iterator = iterator
    stuck = [connect(server.url, receive_buffer=4096) for _ in range(20)]
    for connection in stuck:
        connection.sendall(request_bytes(target))
        assert connection.recv(12)
    received = []
    thread = threading.Thread(target=lambda: received.extend(reader.events(600)), daemon=True)
    thread.start()
    before = server.resident_bytes()
    payload = filler(100_000)
    for _ in range(60):
        post(server.intake, events.list(10, filler=payload))
    thread.join(90)
    assert [frame.json["number"] for frame in received] == list(range(600)), "who reads gets every event"
    grown = server.resident_bytes() - before
    assert grown < 100 * MEBIBYTE, f"60 MB of events for 20 stuck clients took {grown / MEBIBYTE:.0f} MiB"
    # The stuck ones are cut off by the server: what it sent is followed by an end or a reset.
    eventually(lambda: server.metric(r'eventstreams_evictions_total\{reason="stalled"\}') == 20, timeout=60)
    eventually(lambda: server.metric("eventstreams_connected_clients") == 1)
    for connection in stuck:
        connection.settimeout(30)
        with pytest.raises((ConnectionResetError, StopIteration)):
            while True:
                if not connection.recv(MEBIBYTE):
                    raise StopIteration
        connection.close()
    reader.close()


def unsent(server):
    """What the kernel holds for each of the stream port's connections, in bytes: sent and not acknowledged, or not sent."""
    port = int(server.url.rsplit(":", 1)[1])
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    established = "01"
    return [int(row[4].split(":")[0], 16) for row in rows if int(row[1].split(":")[1], 16) == port and row[3] == established]


def stuck_clients(server, number):
    """Clients that ask for a stream and read nothing of it."""
    stuck = [connect(server.url, receive_buffer=4096) for _ in range(number)]
    for connection in stuck:
        connection.sendall(request_bytes("/v2/stream/test.page"))
        assert connection.recv(12)
    return stuck


@pytest.mark.parametrize("size", [700, 50_000])
def test_a_socket_never_holds_more_than_it_may(start, size):
    server = start(settings={"streaming.max_unsent_bytes": "64KiB"})
    stuck = stuck_clients(server, 5)
    events, payload = Events(), filler(size)
    for _ in range(20):
        post(server.intake, events.list(10_000_000 // 20 // size, filler=payload))
        assert max(unsent(server)) <= 64 << 10
    assert min(unsent(server)) > 16 << 10, "they are full"
    for connection in stuck:
        connection.close()


def test_all_sockets_together_hold_no_more_than_they_may(start):
    server = start(settings={"streaming.max_all_unsent_bytes": "1MiB"})
    reader = Stream(server.url, "/v2/stream/test.page", timeout=60)
    iterator = reader.frames()
    assert next(iterator).comment == "ok"
    reader._iterator = iterator
    stuck = stuck_clients(server, 30)
    received = []
    thread = threading.Thread(target=lambda: received.extend(reader.events(200)), daemon=True)
    thread.start()
    events, payload = Events(), filler(5_000)
    for _ in range(20):
        post(server.intake, events.list(10, filler=payload))
    thread.join(60)
    assert [frame.json["number"] for frame in received] == list(range(200)), "who reads is not cut off"
    eventually(lambda: server.metric(r'eventstreams_evictions_total\{reason="over_budget"\}') > 0)
    eventually(lambda: sum(unsent(server)) <= MEBIBYTE)
    assert server.metric("eventstreams_connected_clients") >= 4
    eventually(lambda: 0 < server.metric("eventstreams_unsent_bytes") <= MEBIBYTE)
    reader.close()
    for connection in stuck:
        connection.close()


def slices(process):
    """How long each thread may run before others get their turn, in nanoseconds, by name."""
    found = []
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        told = re.search(r"se\.slice\s*:\s*(\d+)", (task / "sched").read_text())
        found.append(((task / "comm").read_text().strip(), int(told[1]) if told else None))
    return found


def test_threads_that_have_little_to_do_do_not_wait_for_loops(start):
    release = tuple(map(int, re.match(r"(\d+)\.(\d+)", platform.release()).groups()))
    if release < (6, 12) or not pathlib.Path("/proc/self/sched").exists():
        pytest.skip(f"Linux {platform.release()} has no slices of a thread's own, or does not tell of them")
    server = start(loops=2)
    post(server.intake, Events().list(10))
    found = slices(server.process.pid)
    loops = [slice_ for name, slice_ in found if name.startswith("http-")]
    assert len(loops) == 2 and min(loops) > 100_000, found
    assert {slice_ for name, slice_ in found if not name.startswith("http-")} == {100_000}, found


def test_five_thousand_clients_come_stay_and_leave(start):
    number = 5000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < number + 200:
        pytest.skip(f"{number} clients need as many descriptors; the limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 20_000, hard))
    server = start(loops=2, settings={"http.max_connections_per_address": 0})
    events = Events()
    base_descriptors = server.descriptors()
    # Once before, so that what stays for good (the heap, the loops' buffers) is there.
    come_and_go(server, events, 500)
    eventually(lambda: server.descriptors() <= base_descriptors + 2)
    base = server.resident_bytes()
    during = come_and_go(server, events, number)
    eventually(lambda: server.descriptors() <= base_descriptors + 2)
    after = server.resident_bytes()
    assert (during - base) / number < 8 * 1024, f"{(during - base) / number:.0f} bytes a client"
    assert after - base < 24 * MEBIBYTE, f"{(after - base) / MEBIBYTE:.1f} MiB stay"
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def come_and_go(server, events, number):
    """So many clients connect, each gets an event, all leave. Returns the server's memory while they were there."""
    connections = []
    try:
        for _ in range(number):
            connection = connect(server.url)
            connection.sendall(request_bytes("/v2/stream/test.page"))
            connections.append(connection)
        for connection in connections:
            head = b""
            while not head.endswith(b":ok\n\n\r\n"):
                head += connection.recv(4096)
        event = events.next()
        post(server.intake, [event])
        for connection in connections:
            body = b""
            while b"\n\n\r\n" not in body:
                body += connection.recv(4096)
            assert f'"id":"{event["meta"]["id"]}"'.encode() in body
        return server.resident_bytes()
    finally:
        for connection in connections:
            connection.close()


# The limit for one address

def test_too_many_clients_of_one_address_are_429(start):
    server = start(settings={"http.max_connections_per_address": 3})
    open_ = [Stream(server.url, "/v2/stream/test.page") for _ in range(3)]
    for stream in open_:
        assert next(stream.frames()).comment == "ok"
    answer = ask(server.url, "/v2/stream/test.page")
    assert answer.status == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.json["type"] == "too_many_connections"
    assert answer.json["limit"] == 3 and answer.json["use"] == 3
    # Documents are not streams.
    assert ask(server.url, "/v2/stream").status == 200
    # Whoever leaves makes room.
    open_.pop().close()
    eventually(lambda: ask(server.url, "/v2/stream/test.page?until=2020-01-01").status == 200)


def test_a_browser_over_the_limit_is_told_in_band(start):
    server = start(settings={"http.max_connections_per_address": 1})
    with Stream(server.url, "/v2/stream/test.page") as stream:
        assert next(stream.frames()).comment == "ok"
        answer = ask(server.url, "/v2/stream/test.page", headers={
            "Accept": "text/event-stream", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "cross-site"})
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    text = answer.body.decode()
    assert re.search(r"^retry: \d{4,5}$", text, re.M)
    data = re.search(r"^event: error\ndata: (.*)\n\n", text, re.M)[1]
    assert json.loads(data)["type"] == "too_many_connections"
    assert text.endswith("\n\n")


def test_a_trusted_proxy_names_the_address(start):
    server = start(settings={"http.max_connections_per_address": 1, "http.trusted_proxies": "127.0.0.0/8"})
    target, header = "/v2/stream/test.page", "X-Forwarded-For"
    first = Stream(server.url, target, {header: "192.0.2.1"})
    assert next(first.frames()).comment == "ok"
    assert ask(server.url, target, headers={header: "192.0.2.1"}).status == 429
    assert ask(server.url, target, headers={header: "198.51.100.7, 192.0.2.1"}).status == 429, "only the proxy is believed"
    second = Stream(server.url, target, {header: "192.0.2.2"})
    assert next(second.frames()).comment == "ok" and second.status == 200
    # IPv6 counts by network.
    third = Stream(server.url, target, {header: "2001:db8:1:2::1"})
    assert next(third.frames()).comment == "ok"
    assert ask(server.url, target, headers={header: "2001:db8:1:2:ffff::1"}).status == 429
    first.close()


def test_an_address_that_a_stranger_names_is_not_believed(start):
    server = start(settings={"http.max_connections_per_address": 1})
    with Stream(server.url, "/v2/stream/test.page", {"X-Forwarded-For": "192.0.2.1"}) as stream:
        assert next(stream.frames()).comment == "ok"
        for header in ["X-Forwarded-For", "X-Client-IP"]:
            assert ask(server.url, "/v2/stream/test.page", headers={header: "192.0.2.99"}).status == 429


def test_connections_over_the_limit_of_all_are_503(start):
    server = start(settings={"http.max_connections": 10, "http.max_connections_per_address": 0})
    streams = [Stream(server.url, "/v2/stream/test.page") for _ in range(10)]
    for stream in streams:
        assert next(stream.frames()).comment == "ok"
    answer = ask(server.url, "/v2/stream/test.page")
    assert answer.status == 503 and "retry-after" in answer.headers
    streams.pop().close()
    eventually(lambda: ask(server.url, "/_info").status == 200)
