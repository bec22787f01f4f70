"""Events that are sent again to servers of one cluster, and hasty events that wait on the disk while the cluster is away."""

import collections
import json

from events import Events, post_bytes, text
from kafka import STREAM
from server import eventually
from test_kafka import CREATE
from test_kafka_failures import IMPATIENT

WIKIS = [f"w{number}" for number in range(7)]


def test_an_event_that_is_sent_again_is_stored_once_whichever_server_gets_it(serve, broker, topic):
    first = serve(broker, name="first", settings=CREATE)
    second = serve(broker, name="second", settings=CREATE)
    events = Events().list(50, STREAM)
    body = b"[" + b",".join(map(text, events)) + b"]"
    places = post_bytes(first.intake, body).json()["events"]
    # The other server has read them once it has them for its own clients.
    eventually(lambda: second.metric("eventstreams_intake_known_events") >= 50)
    for server in (first, second):
        answer = post_bytes(server.intake, body)
        assert answer.status_code == 201 and answer.headers["Duplicate-Events"] == "50"
        assert [place["offset"] for place in answer.json()["events"]] == [place["offset"] for place in places]
    first.kill()
    first.start()
    assert post_bytes(first.intake, body).headers["Duplicate-Events"] == "50"
    assert len(broker.records(topic)) == 50


def test_hasty_events_sit_out_an_outage_on_the_disk_also_over_a_death(serve, broker, topic, tmp_path):
    def start(**more):
        return serve(broker, settings=CREATE | {"intake.spool_dir": tmp_path / "spool", "intake.spool_bytes": "1MiB"} | more,
                     config={"kafka": {"properties": IMPATIENT}})

    server = start()
    events = Events()
    posted = collections.defaultdict(list)

    def post_hastily(count):
        batch = [events.next(STREAM, wiki=WIKIS[number % 7]) for number in range(count)]
        answer = post_bytes(server.intake + "?hasty=true", b"[" + b",".join(map(text, batch)) + b"]")
        if answer.status_code == 202:
            for event in batch:
                posted[event["wiki"]].append(event["number"])
        return answer.status_code

    assert post_hastily(70) == 202
    eventually(lambda: len(broker.records(topic)) == 70)
    broker.kill()
    try:
        for _ in range(10):
            assert post_hastily(70) == 202
        # There is an end to it.
        eventually(lambda: post_hastily(500) == 503, every=0)
        waiting = sum(map(len, posted.values())) - 70
        eventually(lambda: server.metric("eventstreams_intake_spool_events") == waiting)
        assert 0 < server.metric("eventstreams_intake_spool_bytes") <= 1 << 20
        server.kill()
    finally:
        broker.restart()
    server.start()
    eventually(lambda: server.metric("eventstreams_intake_spool_events") == 0, timeout=60)
    assert server.metric("eventstreams_intake_spool_bytes") == 0
    stored = collections.defaultdict(list)
    for _, _, _, value in sorted(broker.records(topic)):
        event = json.loads(value)
        stored[event["wiki"]].append(event["number"])
    assert stored == posted
