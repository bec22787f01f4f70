"""What a stream and an address may have taken in: who has had too much is told when to come back, and the others feel nothing."""

import requests

from events import post
from server import PATIENCE, eventually

STREAMS = {"test.loud": {"topics": ["test.loud"]}, "test.quiet": {"topics": ["test.quiet"]}}


def events(stream, count):
    return [{"meta": {"stream": stream}, "number": number} for number in range(count)]


def send(server, batch, **headers):
    return requests.post(server.intake, json=batch, headers=headers, timeout=PATIENCE)


def stored(server, **headers):
    """How many events the loud stream has."""
    answer = requests.get(f"{server.url}/v2/stream/test.loud?since=0&until=PT0S&format=ndjson", headers=headers, timeout=PATIENCE)
    assert answer.status_code == 200
    return len([line for line in answer.text.splitlines() if line])


def over_quota(server):
    return {line.split()[0].split("_total")[1]: float(line.split()[1]) for line in server.metrics().splitlines()
            if line.startswith("eventstreams_intake_over_quota_total")}


def test_a_stream_that_had_too_many_events_is_refused_and_another_is_not(start):
    server = start(streams=STREAMS, settings={"intake.stream_events": 1})
    # A batch may be larger than the rate: it is paid off by time, here by more than this test has.
    assert send(server, events("test.loud", 2000)).status_code == 201
    refused = send(server, events("test.loud", 2))
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 60
    assert refused.json()["stored"] == 0 and refused.json()["failed"] == 2
    assert "test.loud may have 1 events a second" in refused.json()["detail"]
    mixed = send(server, events("test.loud", 1) + events("test.quiet", 1) + events("test.loud", 1))
    assert mixed.status_code == 207 and int(mixed.headers["Retry-After"]) > 60
    assert [event["status"] for event in mixed.json()["events"]] == [429, 201, 429]
    assert send(server, events("test.quiet", 1)).status_code == 201
    # Of each of the two requests all that was the stream's.
    eventually(lambda: over_quota(server) == {'{of="address"}': 0, '{of="stream"}': 2})
    assert stored(server) == 2000


def test_bytes_count_as_events_do(start):
    server = start(streams=STREAMS, settings={"intake.stream_bytes": 10})
    assert send(server, [{"meta": {"stream": "test.loud"}, "text": "x" * 20_000}]).status_code == 201
    assert send(server, events("test.loud", 1)).status_code == 429
    assert send(server, events("test.quiet", 1)).status_code == 201


def test_an_address_that_sent_too_much_is_refused_before_its_body_is_read(start):
    server = start(streams=STREAMS, settings={"intake.address_events": 1},
                   config={"http": {"trusted_proxies": ["127.0.0.0/8"]}})
    loud, quiet = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
    first = send(server, events("test.loud", 2000), **loud)
    assert first.status_code == 201 and first.headers["RateLimit"]
    # What it sends then isn't looked at: nonsense gets the same answer.
    for body in (b'{"meta":{"stream":"test.quiet"}}', b"{{{{"):
        refused = requests.post(server.intake, body, timeout=PATIENCE,
                                headers=loud | {"Content-Type": "application/json"})
        assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 60
        assert refused.headers["RateLimit"].endswith(";r=0") or ";r=0;" in refused.headers["RateLimit"]
    assert send(server, events("test.loud", 3), **quiet).status_code == 201
    # Reading is something else.
    assert stored(server, **loud) == 2003


def test_without_quotas_nobody_is_told_of_any(start):
    server = start(streams=STREAMS)
    post(server.intake, events("test.loud", 2000))
    answer = send(server, events("test.loud", 1))
    assert answer.status_code == 201 and "RateLimit" not in answer.headers
