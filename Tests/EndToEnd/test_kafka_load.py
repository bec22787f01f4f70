"""Many clients on one server cost Kafka what one consumer costs it."""

import selectors
import threading
import time

from clients import Stream, connect, read_events, request_bytes
from events import Events, filler, text
from kafka import STREAM
from server import eventually
from test_kafka import FORGETFUL, TARGET, values
from test_load import MEBIBYTE

STATISTICS = {"kafka": {"properties": {"statistics.interval.ms": 200}}}
RECEIVED = "eventstreams_kafka_received_bytes_total"
FETCHES = "eventstreams_kafka_fetches_total"


class Crowd:
    """Many clients of one thread, which count events and look no closer."""

    def __init__(self, url, target, number):
        self.selector = selectors.DefaultSelector()
        self.connections = []
        self.counts = {}
        self.tails = {}
        for _ in range(number):
            connection = connect(url)
            connection.sendall(request_bytes(target))
            self.connections.append(connection)
        for connection in self.connections:
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ)
            self.counts[connection], self.tails[connection] = 0, b""

    def read(self, mark, count, timeout=60):
        """Until each client has so many of the mark, or has come to its end."""
        deadline = time.monotonic() + timeout
        waiting = {connection for connection in self.connections if self.counts[connection] < count}
        while waiting:
            assert time.monotonic() < deadline, f"{len(waiting)} clients still wait"
            for key, _ in self.selector.select(1):
                connection = key.fileobj
                received = connection.recv(1 << 18)
                assert received, f"a client was cut off after {self.counts[connection]}"
                # A mark may lie across two pieces; what is kept is too short to hold a whole one.
                received = self.tails[connection] + received
                self.counts[connection] += received.count(mark)
                self.tails[connection] = received[-len(mark) + 1:]
                if self.counts[connection] >= count:
                    waiting.discard(connection)

    def close(self):
        for connection in self.connections:
            connection.close()


def steady(server, name):
    """A metric that moves no more than by what idle connections cost: the list of a busy broker's topics is a part of it."""
    value = server.metric(name)
    for _ in range(8):
        # Statistics and metrics are each made anew within a second.
        time.sleep(2.5)
        new = server.metric(name)
        if new - value < 60_000:
            return new
        value = new
    raise AssertionError(f"{name} does not come to rest: {value}")


def run(server, broker, topic, events, number):
    """Events while so many clients listen. Returns the bytes that brokers sent for them, and the server's memory."""
    crowd = Crowd(server.url, TARGET, number)
    try:
        crowd.read(b":ok\n", 1)
        for connection in crowd.connections:
            crowd.counts[connection] = 0
        before, memory = steady(server, RECEIVED), server.resident_bytes()
        for _ in range(10):
            broker.produce(topic, values(events.list(30, STREAM, filler=filler(1500))))
        crowd.read(b"event: message\n", 300)
        return steady(server, RECEIVED) - before, memory, server.resident_bytes()
    finally:
        crowd.close()


def test_a_thousand_clients_cost_the_brokers_what_one_costs(serve, broker, topic):
    broker.create(topic, 3)
    server = serve(broker, config=STATISTICS, loops=2)
    events = Events()
    one, _, _ = run(server, broker, topic, events, 1)
    thousand, before, after = run(server, broker, topic, events, 1000)
    assert one > 300_000, "the events themselves are in it"
    assert thousand < 1.2 * one, f"{one} bytes for one client, {thousand} for a thousand"
    assert after - before < 48 * MEBIBYTE, f"events for a thousand clients took {(after - before) / MEBIBYTE:.0f} MiB"
    print(f"received from Kafka: {one} bytes for one client, {thousand} for 1000 ({thousand / one:.2f}); "
          f"memory {before / MEBIBYTE:.1f} MiB -> {after / MEBIBYTE:.1f} MiB")


def test_two_hundred_replays_of_the_same_history_are_read_about_once(serve, broker, topic):
    broker.create(topic, 2)
    events = Events()
    # A fetch takes whole batches, up to its limit of each partition, and one that is under way when another is asked for
    # comes all the same. With small batches and fetches that is a few per cent of the history; with fetches of 1 MiB it
    # would be nearly as much as all of it.
    for _ in range(100):
        broker.produce(topic, values(events.list(40, STREAM, filler=filler(600))))

    def replay(name, number):
        # A new server each time: nothing is in memory but the tail, which is small. It does not read the newest events' ids at
        # its start, for then all of them would be.
        server = serve(broker, name, config=STATISTICS, loops=2, settings=FORGETFUL | {
            "streaming.block_cache_bytes": "64MiB", "streaming.replay_block_bytes": "64KiB", "intake.idempotency_window": "0"})
        received, fetches = steady(server, RECEIVED), server.metric(FETCHES)
        crowd = Crowd(server.url, f"{TARGET}?since=2020-01-01", number)
        try:
            crowd.read(b"event: message\n", 4000, timeout=120)
        finally:
            crowd.close()
        result = steady(server, RECEIVED) - received, server.metric(FETCHES) - fetches
        server.kill()
        return result

    one_bytes, one_fetches = replay("one", 1)
    many_bytes, many_fetches = replay("many", 200)
    print(f"200 replays: {many_fetches:.0f} fetches and {many_bytes:.0f} bytes; one: {one_fetches:.0f} and {one_bytes:.0f}")
    assert one_bytes > 2_000_000 and one_fetches > 20, "each fetch is a small part of the history"
    assert many_bytes < 1.5 * one_bytes, (one_bytes, many_bytes)
    assert many_fetches < 1.5 * one_fetches + 2, (one_fetches, many_fetches)


def test_live_clients_are_not_held_up_by_replays(serve, broker, topic):
    """Events come to those who listen while others read history; how soon is for script/benchmark-kafka to say."""
    broker.create(topic, 2)
    events = Events()
    for _ in range(6):
        broker.produce(topic, values(events.list(500, STREAM, filler=filler(600))))
    server = serve(broker, loops=2, settings=FORGETFUL)
    crowd = Crowd(server.url, f"{TARGET}?since=2020-01-01", 20)
    thread = threading.Thread(target=lambda: crowd.read(b"event: message\n", 3020, timeout=120), daemon=True)
    with Stream(server.url, TARGET) as live:
        live._iterator = live.frames()
        assert next(live._iterator).comment == "ok"
        thread.start()
        for _ in range(20):
            broker.produce(topic, [text(events.next(STREAM))])
            assert live.events(1)
    thread.join(120)
    assert not thread.is_alive() and all(count == 3020 for count in crowd.counts.values())
    crowd.close()
    eventually(lambda: server.metric("eventstreams_connected_clients") == 0)
    assert len(read_events(server.url, f"{TARGET}?last=1", 1)) == 1
