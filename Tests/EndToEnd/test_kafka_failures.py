"""Kafka out of reach, and a bad network on the way to it."""

import contextlib
import socket
import threading
import time

import pytest
import requests

from clients import Stream, ask, read_events
from events import Events, post_bytes, post, text
from kafka import STREAM, Feeding
from server import eventually
from test_kafka import CREATE, FORGETFUL, TARGET, begun, numbers, values
from test_kafka_servers import Mover, check_against

# Nothing of this takes longer than the tests want to wait.
IMPATIENT = {"message.timeout.ms": 4000, "reconnect.backoff.max.ms": 500}


def is_ready(server):
    return requests.get(f"{server.admin}/readyz", timeout=30).status_code == 200


def test_an_outage_is_sat_out_by_clients_and_told_to_the_load_balancer(serve, broker, topic):
    server = serve(
        broker, settings=CREATE | {"kafka.unavailable_grace": "2s"}, config={"kafka": {"properties": IMPATIENT}})
    events = Events()
    acknowledged = post(server.intake, events.list(20, STREAM))
    live = begun(Stream(server.url, f"{TARGET}?heartbeat=1", timeout=60))
    broker.kill()
    try:
        # Connected clients get heartbeats.
        beats = 0
        while beats < 3:
            beats += "heartbeat" in (next(live._iterator).comment or "")
        # Who wants what is not in memory is told when to ask again.
        answer = ask(server.url, f"{TARGET}?since=0")
        assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1
        assert answer.json["type"] == "unavailable"
        # The load balancer is told.
        eventually(lambda: not is_ready(server))
        public = requests.get(f"{server.url}/readyz", timeout=30)
        assert public.status_code == 503
        # Which broker that is, only the operator hears.
        assert "127.0.0.1" not in public.text and "127.0.0.1" in requests.get(f"{server.admin}/readyz", timeout=30).text
        assert requests.get(f"{server.admin}/healthz", timeout=30).status_code == 200
        assert server.metric("eventstreams_kafka_reachable") == 0
        # Posting says no, within a bounded time, and says when to come back.
        began = time.monotonic()
        answer = post_bytes(server.intake, text(events.next(STREAM, is_lost=True)))
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1, answer.text
        assert time.monotonic() - began < 15
    finally:
        broker.restart()
    eventually(lambda: is_ready(server), timeout=60)

    def posted():
        answer = post_bytes(server.intake, text(events.next(STREAM)))
        assert answer.status_code in (201, 503)
        return answer.json().get("events", []) if answer.status_code == 201 else None

    acknowledged += eventually(posted)
    acknowledged += post(server.intake, events.list(10, STREAM))
    places = set()
    wanted = {(place["topic"], place["partition"], place["offset"]) for place in acknowledged[20:]}
    while not wanted <= places:
        places.add(live.events(1)[0].place)
    held = {(topic, partition, offset) for partition, offset, _, _ in broker.records(topic)}
    assert {(place["topic"], place["partition"], place["offset"]) for place in acknowledged} <= held
    assert server.metric("eventstreams_kafka_reachable") == 1
    live.close()


def test_who_comes_back_during_an_outage_is_served_from_memory(serve, broker):
    server = serve(broker, settings=CREATE)
    post(server.intake, Events().list(20, STREAM))
    received = read_events(server.url, f"{TARGET}?last=20", 20)
    broker.kill()
    try:
        with Stream(server.url, f"{TARGET}?heartbeat=1", {"Last-Event-ID": received[7].id}, timeout=10) as stream:
            assert sorted(numbers(received[:8] + stream.events(12))) == list(range(20))
    finally:
        broker.restart()


def test_who_asks_for_history_as_an_outage_begins_is_answered_soon(serve, broker):
    server = serve(broker, settings=CREATE)
    post(server.intake, Events().list(20, STREAM))
    broker.kill()
    try:
        assert ask(server.url, f"{TARGET}?since=0&limit=20", timeout=15).status in (200, 503)
    finally:
        broker.restart()


def test_history_is_asked_for_again_once_kafka_is_back(serve, broker, topic):
    broker.create(topic)
    events = Events()
    broker.produce(topic, values(events.list(3000, STREAM)))
    server = serve(
        broker, config={"kafka": {"properties": IMPATIENT}},
        settings=FORGETFUL | {"streaming.replay_block_bytes": "16KiB"})
    stream = Stream(server.url, f"{TARGET}?since=0&heartbeat=1", receive_buffer=4096, timeout=90)
    received = stream.events(50)
    broker.kill()
    try:
        # It reads on; what the server and the kernel have is soon used up.
        ended = threading.Event()

        def read():
            received.extend(stream.events(2950))
            ended.set()

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        ended.wait(4)
    finally:
        broker.restart()
    thread.join(90)
    assert numbers(received) == list(range(3000))
    stream.close()


# A bad network

def latency(proxy):
    """Answers of brokers take 200 ms longer."""
    mend = proxy.fault("latency", latency=200, jitter=50)
    time.sleep(5)
    mend()


def resets(proxy):
    """Every connection is reset, again and again."""
    for _ in range(8):
        mend = proxy.fault("reset_peer", timeout=0)
        time.sleep(0.3)
        mend()
        time.sleep(0.5)


def black_hole(proxy):
    """Nothing comes through in either direction, and no connection ends."""
    mend = [proxy.fault("timeout", direction, timeout=0) for direction in ("upstream", "downstream")]
    time.sleep(10)
    for each in mend:
        each()


def cut_answers(proxy):
    """Connections end in the middle of an answer."""
    for limit in [100, 5_000, 50_000]:
        mend = proxy.fault("limit_data", bytes=limit)
        time.sleep(1)
        mend()
        time.sleep(0.5)


@pytest.mark.parametrize("trouble", [latency, resets, black_hole, cut_answers])
def test_nothing_is_missing_and_nothing_twice_whatever_the_network_does(serve, broker, topic, fault_proxy, trouble):
    broker.create(topic, 3)
    server = serve(
        broker, bootstrap=f"127.0.0.1:{fault_proxy.listen}", loops=2,
        settings=FORGETFUL | {"streaming.tail_bytes": "128KiB"},
        config={"kafka": {"properties": {"reconnect.backoff.max.ms": 500}}})
    events = Events(3)

    permits = threading.Semaphore(0)

    def make():
        event = events.next(STREAM)
        # Somebody comes back now and then, all the time.
        if event["number"] % 20 == 0:
            permits.release()
        return event["wiki"], text(event)

    feeding = Feeding(broker, topic, make, every=0.02)
    movers = [Mover(seed, [server.url], permits) for seed in range(2)]
    live = Stream(server.url, f"{TARGET}?since=0", timeout=120)
    frames = []
    feeding.start()

    def read():
        with contextlib.suppress(OSError):
            for frame in live.frames():
                if frame.data is not None:
                    frames.append(frame)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    for mover in movers:
        mover.start()
    try:
        eventually(lambda: len(frames) > 50)
        trouble(fault_proxy)
    finally:
        made = feeding.stop()
        for mover in movers:
            mover.ended.set()
    eventually(lambda: len(frames) >= made, timeout=60)
    live.connection.shutdown(socket.SHUT_RDWR)
    reader.join(30)
    live.close()
    assert all(frame.type == "message" for frame in frames)
    check_against(broker, topic, frames)
    for mover in movers:
        mover.join(70)
        assert mover.failure is None, mover.failure
        mover.rest(server.url, made - len(mover.received))
        assert not mover.odd, mover.odd[:3]
        check_against(broker, topic, mover.received)
    assert ask(server.admin, "/healthz").status == 200
