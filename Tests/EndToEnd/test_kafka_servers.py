"""Several servers on one cluster, servers on two clusters, and clients that move between them."""

import json
import random
import threading
import time

from clients import Stream, read_events
from events import Events, post, text
from kafka import STREAM, Feeding
from server import eventually
from test_kafka import CREATE, TARGET, begun, frames_until, numbers, values
from test_resuming import cut

MOVES = 200
CLIENTS = 5


class Mover(threading.Thread):
    """A client that is cut off at any byte and goes on elsewhere, once for each permit."""

    def __init__(self, seed, urls, permits):
        super().__init__(daemon=True)
        self.dice, self.urls, self.permits = random.Random(seed), urls, permits
        self.received, self.odd, self.refused = [], [], 0
        self.last_id = None
        self.ended = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self.ended.is_set():
                if self.permits.acquire(timeout=0.1):
                    self.move()
        except Exception as failure:
            self.failure = failure

    def move(self):
        ids = self.dice.choice(["json", "compact"])
        start = "" if self.last_id else "&since=2020-01-01"
        headers = {"Last-Event-ID": self.last_id} if self.last_id else {}
        stream = Stream(self.dice.choice(self.urls), f"{TARGET}?ids={ids}{start}", headers, timeout=60)
        try:
            self.take(cut(stream, self.dice.choice([0, 1, 40, 500, 3000, 30_000]), self.dice))
        except AssertionError as failure:
            # What is not in memory can't be had while Kafka is out of reach. That is said, and it asks again.
            if "HTTP/1.1 503" not in str(failure):
                raise
            self.refused += 1
            self.permits.release()
            time.sleep(0.2)

    def take(self, frames):
        for frame in frames:
            if frame.type != "message":
                self.odd.append(frame)
            elif frame.data is not None:
                self.received.append(frame)
            self.last_id = frame.id or self.last_id

    def rest(self, url, count):
        """The events that are still to come, once no more are made."""
        headers = {"Last-Event-ID": self.last_id} if self.last_id else {}
        start = "" if self.last_id else "?since=2020-01-01"
        if count <= 0:
            return
        for attempt in range(60):
            try:
                return self.take(read_events(url, f"{TARGET}{start}", count, headers, timeout=60))
            except AssertionError as failure:
                # Still out of reach, as in `move`; nothing was taken.
                if "HTTP/1.1 503" not in str(failure) or attempt == 59:
                    raise
                time.sleep(1)


def check_against(cluster, topic, received):
    """Each record that the cluster holds was received once, in the order of its partition, and nothing else was."""
    held = {(topic, partition, offset): json.loads(value)["number"] for partition, offset, _, value in cluster.records(topic)}
    places = [frame.place for frame in received]
    assert len(set(places)) == len(places), "something came twice"
    assert {frame.place: frame.json["number"] for frame in received} == held
    last = {}
    for topic_, partition, offset in places:
        assert last.get(partition, -1) < offset, "out of order"
        last[partition] = offset


def test_clients_move_between_servers_while_a_broker_dies_and_comes_back(serve, three_nodes, topic, haproxy):
    three_nodes.create(topic, 3)
    servers = [
        serve(three_nodes, name, loops=2, settings={"http.trusted_proxies": "127.0.0.0/8"}) for name in ("one", "two")]
    proxy = haproxy(*servers)
    events = Events(7)

    def make():
        event = events.next(STREAM)
        return event["wiki"], text(event)

    feeding = Feeding(three_nodes, topic, make, every=0.05)
    permits = threading.Semaphore(0)
    urls = [proxy.url, proxy.url, servers[0].url, servers[1].url]
    movers = [Mover(seed, urls, permits) for seed in range(CLIENTS)]
    feeding.start()
    for mover in movers:
        mover.start()

    def move(count, seconds):
        """So many moves, spread over some time."""
        for _ in range(count):
            permits.release()
            time.sleep(seconds / count)

    try:
        move(60, 3)
        three_nodes.kill(2)
        move(80, 8)
        three_nodes.restart(2)
        move(MOVES - 140, 3)
        eventually(lambda: not permits._value or any(mover.failure for mover in movers), timeout=60)
    finally:
        made = feeding.stop()
        for mover in movers:
            mover.ended.set()
        for mover in movers:
            mover.join(70)
    for mover in movers:
        assert mover.failure is None, mover.failure
        mover.rest(proxy.url, made - len(mover.received))
        assert not mover.odd, mover.odd[:3]
        check_against(three_nodes, topic, mover.received)
    assert made == events.made > 500
    for server in servers:
        requests = server.metric("eventstreams_events_sent_total")
        assert requests > 0, "both servers had clients"


def test_a_client_of_a_killed_server_goes_on_at_the_other_through_the_proxy(serve, broker, haproxy):
    servers = [serve(broker, name, settings=CREATE) for name in ("one", "two")]
    proxy = haproxy(*servers)
    events = Events()
    with begun(Stream(proxy.url, TARGET)) as stream:
        first = next(server for server in servers
                     if eventually(lambda: sum(it.metric("eventstreams_connected_clients") for it in servers) == 1)
                     and server.metric("eventstreams_connected_clients") == 1)
        second = servers[1 - servers.index(first)]
        post(second.intake, events.list(20, STREAM))
        received = stream.events(20)
        first.kill()
        while not stream.ended:
            stream.receive()
    post(second.intake, events.list(20, STREAM))
    received += read_events(proxy.url, TARGET, 20, {"Last-Event-ID": received[-1].id})
    assert sorted(numbers(received)) == list(range(40))


def test_a_stopping_server_hands_its_clients_over(serve, broker, haproxy):
    servers = [serve(broker, name, settings=CREATE | {"http.drain_time": "1s"}) for name in ("one", "two")]
    proxy = haproxy(*servers)
    events = Events()
    streams = [begun(Stream(proxy.url, TARGET)) for _ in range(20)]
    post(servers[1].intake, events.list(10, STREAM))
    received = [stream.events(10) for stream in streams]
    eventually(lambda: all(server.metric("eventstreams_connected_clients") > 4 for server in servers))
    post(servers[1].intake, events.list(10, STREAM))
    assert servers[0].stop() == 0
    left = 0
    for number, stream in enumerate(streams):
        # Those of the stopped server are at their end by now, the others are not.
        is_left = False
        while len(received[number]) < 20:
            frame = next(stream._iterator, None)
            if frame is None:
                break
            if frame.data is not None:
                received[number].append(frame)
        else:
            stream.connection.settimeout(0.2)
            try:
                is_left = not stream.connection.recv(1 << 16)
            except TimeoutError:
                pass
        left += is_left or stream.ended
        stream.close()
    assert left > 4
    for list_ in received:
        rest = read_events(proxy.url, TARGET, 20 - len(list_), {"Last-Event-ID": list_[-1].id}) if len(list_) < 20 else []
        assert sorted(numbers(list_ + rest)) == list(range(20))


# Two clusters

def mirror(source, target, topic, known=0):
    """Copies records as a mirror does: into the same partitions, with their times, at offsets of their own."""
    records = source.records(topic)
    for partition, _, timestamp, value in records[known:]:
        target.produce(topic, [value], partition=partition, timestamp=timestamp)
    return len(records)


def test_a_client_fails_over_to_a_cluster_with_other_offsets(serve, broker, second_broker, topic):
    events = Events()
    now = int(time.time() * 1000) - 600_000
    broker.create(topic)
    second_broker.create(topic)
    second_broker.produce(topic, [b'{"number":-1,"meta":{}}'] * 33, timestamp=now - 3_600_000)
    # Three events share each millisecond; some are late.
    for number in range(90):
        late = 5 if number % 10 == 9 else 0
        broker.produce(topic, [text(events.next(STREAM))], timestamp=now + number // 3 - late)
    known = mirror(broker, second_broker, topic)
    one, two = serve(broker, "one"), serve(second_broker, "two")
    received = read_events(one.url, f"{TARGET}?since=0", 50)
    assert numbers(received) == list(range(50))
    time_of_last = json.loads(received[-1].id)[0]["timestamp"]

    with begun(Stream(two.url, TARGET, {"Last-Event-ID": received[-1].id})) as stream:
        frames = frames_until(stream, lambda frame: frame.type == "message" and frame.json["number"] == 89)
        gap, *frames = frames
        assert gap.type == "gap" and gap.json["reason"] == "failover", gap
        # By the largest time so far, the first record at or after that of the last one received; nothing is passed over.
        times, largest = [], 0
        for number in range(90):
            largest = max(largest, now + number // 3 - (5 if number % 10 == 9 else 0))
            times.append(largest)
        first = next(number for number in range(90) if times[number] >= time_of_last)
        assert first <= 50, "nothing is missing"
        assert numbers(frames) == list(range(first, 90))
        assert len(set(numbers(received + frames))) == 90
        eventually(lambda: two.metric(r'eventstreams_gaps_total\{reason="failover"\}') == 1)
        # From here on the ids are the second cluster's, and nothing is told twice.
        broker.produce(topic, values(events.list(5, STREAM)))
        known = mirror(broker, second_broker, topic, known)
        live = stream.events(5)
        assert numbers(live) == list(range(90, 95))
    assert numbers(read_events(two.url, TARGET, 3, {"Last-Event-ID": live[1].id})) == [92, 93, 94]

    # And back again.
    with begun(Stream(one.url, TARGET, {"Last-Event-ID": live[2].id})) as stream:
        frames = frames_until(stream, lambda frame: frame.type == "message" and frame.json["number"] == 94)
    assert frames[0].type == "gap" and frames[0].json["reason"] == "failover"
    assert {93, 94} <= set(numbers(frames[1:])) <= set(range(90, 95))


def test_a_mirror_that_lags_behind_costs_repeats_and_no_event(serve, broker, second_broker, topic):
    events = Events()
    broker.create(topic)
    second_broker.create(topic, retention_ms=-1)
    second_broker.produce(topic, [b'{"number":-1,"meta":{}}'] * 7, timestamp=1_700_000_000_000)
    broker.produce(topic, values(events.list(20, STREAM)))
    known = mirror(broker, second_broker, topic)
    one, two = serve(broker, "one"), serve(second_broker, "two")
    broker.produce(topic, values(events.list(20, STREAM)))
    received = read_events(one.url, f"{TARGET}?since=0", 40)
    # The second cluster does not have the last twenty yet.
    with begun(Stream(two.url, TARGET, {"Last-Event-ID": received[-1].id})) as stream:
        assert next(stream._iterator).type == "gap"
        broker.produce(topic, values(events.list(20, STREAM)))
        mirror(broker, second_broker, topic, known)
        frames = frames_until(stream, lambda frame: frame.json.get("number") == 59)
    assert numbers(frames)[-20:] == list(range(40, 60))


def test_topics_of_two_datacentres_are_one_stream(serve, broker, topic):
    name = topic.removeprefix("dc1.")
    streams = {name: {"topic_prefixes": ["dc1.", "dc2."]}}
    for prefix in ("dc1.", "dc2."):
        broker.create(prefix + name, 2)
    server = serve(broker, streams=streams)
    events = Events()
    with begun(Stream(server.url, f"/v2/stream/{name}")) as stream:
        for number in range(20):
            broker.produce(f"dc{1 + number % 2}.{name}", values(events.list(1, name)))
        received = stream.events(20)
        assert sorted(numbers(received)) == list(range(20))
        # The other datacentre is switched over to: its topic is the only one that gets events.
        broker.produce(f"dc2.{name}", values(events.list(10, name)))
        received += stream.events(10)
    assert {frame.place[0] for frame in received} == {f"dc1.{name}", f"dc2.{name}"}
    entries = json.loads(received[-1].id)
    assert [(entry["topic"], entry["partition"]) for entry in entries] == [
        (f"dc{dc}.{name}", partition) for dc in (1, 2) for partition in (0, 1)]
    rest = read_events(server.url, f"/v2/stream/{name}", 15, {"Last-Event-ID": received[14].id})
    assert sorted(numbers(received[:15] + rest)) == list(range(30))
