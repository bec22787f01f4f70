"""Limits of servers that tell one another what their clients have."""

import re

from clients import Stream, connect, parse_head, request_bytes
from kafka import STREAM
from server import eventually

TARGET = f"/v2/stream/{STREAM}"
# As a proxy would say who asks.
CLIENT = {"X-Forwarded-For": "192.0.2.7"}
OTHER_CLIENT = {"X-Forwarded-For": "192.0.2.8"}
SETTINGS = {"http.max_connections_per_address": 3, "http.trusted_proxies": "127.0.0.0/8"}


def hold(server, count):
    streams = [Stream(server.url, TARGET, CLIENT) for _ in range(count)]
    for stream in streams:
        assert next(stream.frames()).comment == "ok"
    return streams


def left(server, client=CLIENT):
    """What a client may still have beside one that it opens and closes; -1: it may not have that one either."""
    with connect(server.url) as connection:
        connection.sendall(request_bytes(TARGET, headers=client))
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
    status, headers, _ = parse_head(received)
    assert status in (200, 429)
    rest = int(re.search(r";r=(\d+)", headers["ratelimit"])[1])
    return rest if status == 200 else -1


def test_a_client_has_one_limit_at_all_servers_of_a_cluster(serve, broker, topic):
    limits = f"limits.{topic}"
    broker.create(topic, 3)
    broker.create(limits, 1)
    servers = [serve(broker, name, settings=SETTINGS | {"kafka.limits_topic": limits}) for name in ("one", "two")]
    one, two = servers
    for server in servers:
        eventually(lambda: server.metric("eventstreams_limits_servers") == 1)
    held = hold(one, 2)
    eventually(lambda: left(two) == 0, every=0.3)
    held += hold(one, 1)
    eventually(lambda: left(two) == -1, every=0.3)
    assert left(two, OTHER_CLIENT) == 2, "somebody else has a share of their own"
    # Nonsense in the topic changes nothing.
    broker.produce(limits, [b"", b"null", b'{"server":"x","streams":{"nobody":1}}', b"\xff" * 1000])
    assert left(two) == -1
    # What is given back at one server can be had at the other.
    for stream in held:
        stream.close()
    eventually(lambda: left(two) == 2, every=0.3)
    # A server that dies takes its clients with it.
    held = hold(one, 3)
    eventually(lambda: left(two) == -1, every=0.3)
    one.kill()
    eventually(lambda: left(two) == 2, every=0.3)
    eventually(lambda: two.metric("eventstreams_limits_servers") == 0)


def test_a_server_that_can_not_share_counts_alone_and_says_so(serve, broker, topic):
    broker.create(topic, 3)
    server = serve(broker, settings=SETTINGS | {"kafka.limits_topic": f"no-such.{topic}"})
    held = hold(server, 3)
    assert left(server) == -1
    assert len(held) == 3
    eventually(lambda: "limits are not shared with other servers now" in server.log())
