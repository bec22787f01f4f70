"""Parts of a Kafka cluster that fail while the rest goes on, and a stop in the middle of it."""

import threading

import requests
from confluent_kafka.admin import NewTopic

from clients import Stream, ask, read_events
from events import Events
from kafka import STREAM
from server import eventually
from test_kafka import FORGETFUL, TARGET, begun, numbers, values
from test_kafka_failures import IMPATIENT


def create_unreplicated(cluster, topic, partitions):
    """A topic each of whose partitions is on one node alone."""
    config = {"min.insync.replicas": "1"}
    cluster._done(cluster.admin.create_topics([NewTopic(topic, partitions, replication_factor=1, config=config)]))
    cluster._wait_for(topic, partitions)


def leaders(cluster, topic):
    """The node of each partition."""
    found = cluster.admin.list_topics(topic, timeout=10).topics[topic].partitions
    return {number: partition.leader for number, partition in found.items()}


def test_a_server_starts_without_a_partition_that_has_no_leader_and_serves_it_once_it_has_one(serve, three_nodes, topic):
    steady = f"{topic}.steady"
    create_unreplicated(three_nodes, topic, 3)
    three_nodes.create(steady)
    events = Events()
    for partition in range(3):
        three_nodes.produce(topic, values(events.list(4, STREAM)), partition=partition)
    three_nodes.produce(steady, values(events.list(3, "test.steady")))
    lost = leaders(three_nodes, topic)[1]
    three_nodes.kill(lost)
    eventually(lambda: leaders(three_nodes, topic)[1] == -1, timeout=30)
    server = serve(
        three_nodes, streams={STREAM: {"topics": [topic]}, "test.steady": {"topics": [steady]}},
        settings={"kafka.unavailable_grace": "30s"})
    assert numbers(read_events(server.url, "/v2/stream/test.steady?since=0", 3)) == [12, 13, 14]
    assert requests.get(f"{server.admin}/readyz", timeout=30).status_code == 200
    for target in [TARGET, f"{TARGET}?since=0", f"{TARGET}?last=2"]:
        answer = ask(server.url, target)
        assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1, answer.body
        assert b"127.0.0.1" not in answer.body
    three_nodes.restart(lost)
    eventually(lambda: ask(server.url, f"{TARGET}?last=1&until=PT0S").status == 200, timeout=30)
    assert sorted(numbers(read_events(server.url, f"{TARGET}?since=0", 12))) == list(range(12))


def test_a_stop_ends_though_no_broker_answers_and_history_was_being_read(serve, broker, topic):
    broker.create(topic)
    other = f"{topic}.other"
    broker.create(other)
    broker.produce(topic, values(Events().list(3000, STREAM)))
    server = serve(
        broker, config={"kafka": {"properties": IMPATIENT}},
        streams={STREAM: {"topics": [topic, other]}},
        settings=FORGETFUL | {"streaming.replay_block_bytes": "16KiB", "http.drain_time": "1s"})
    slow = begun(Stream(server.url, f"{TARGET}?since=0&heartbeat=1", receive_buffer=4096, timeout=60))
    broker.kill()
    threads = [threading.Thread(target=lambda: ask(server.url, f"{TARGET}?since={n}"), daemon=True) for n in (1, 2, 3)]
    for thread in threads:
        thread.start()
    broker.restart()
    broker.delete(other)
    broker.kill()
    try:
        assert server.stop() == 0
    finally:
        slow.close()
        broker.restart()
