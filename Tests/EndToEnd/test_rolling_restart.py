"""Two servers on one cluster are restarted one after the other under a crowd of clients of all kinds."""

import collections
import os
import statistics
import time

import pytest

import tls
from crowd import Crowd
from events import Events, text
from kafka import STREAM, Feeding
from server import eventually

# A server on its own machine has some more: EVENTSTREAMS_CROWD=5000 takes two minutes here.
CLIENTS = int(os.environ.get("EVENTSTREAMS_CROWD", "1000"))
# Bounds what all of them wait for together.
EVERYBODY = 120


@pytest.fixture
def servers(serve, broker, topic, tmp_path):
    broker.create(topic, 1)
    streams = {STREAM: {"topics": [topic], "partitions": 1}}
    settings = {"http.drain_time": "3s", "http.max_connections_per_address": 100} | tls.settings(
        tls.certificate(tmp_path, "server", "test.example"))
    return [serve(broker, name, streams=streams, settings=settings) for name in ("one", "two")]


def test_a_crowd_of_clients_miss_nothing_while_one_server_after_the_other_is_restarted(servers, broker, topic, capsys):
    events = Events()
    feeding = Feeding(broker, topic, lambda: (None, text(events.next(STREAM, title="", comment=""))), every=0.3, most=2)
    crowd = Crowd([(server.port, server.tls_port) for server in servers], f"/v2/stream/{STREAM}?since=2020-01-01", CLIENTS)
    began = []
    feeding.start()
    crowd.start()

    def wait_for(condition):
        eventually(lambda: crowd.failure or condition(), EVERYBODY)
        assert crowd.failure is None

    try:
        wait_for(lambda: len(crowd.present) == CLIENTS)
        for server in servers:
            wait_for(lambda: server.metric("eventstreams_connected_clients") > CLIENTS / 5)
            began.append(time.monotonic())
            assert server.stop() == 0
            server.settings["tls.port"] = server.tls_port
            server.start()
            wait_for(lambda: len(crowd.present) == CLIENTS)
        made = feeding.stop()
        wait_for(lambda: all(len(follower.numbers) >= made for follower in crowd.followers))
    except AssertionError as failure:
        failure.add_note(state(crowd, feeding, servers))
        raise
    finally:
        feeding.ended.set()
        crowd.ending.set()
        crowd.join(EVERYBODY)
    for follower in crowd.followers:
        assert follower.numbers == list(range(made)), "nothing is missing, nothing comes twice"
        assert not follower.others, "no gap and no notice"
    assert crowd.goaways >= 2, "HTTP/2 is told"
    with capsys.disabled():
        report(crowd, began)


def state(crowd, feeding, servers):
    """Who lacks what, for whoever finds that the test has failed."""
    behind = [follower for follower in crowd.followers if len(follower.numbers) < feeding.acknowledged]
    lines = [f"{feeding.acknowledged} records; {len(crowd.present)} clients have a stream, {len(crowd.waiting)} wait for one, "
             f"{len(crowd.later)} come later; {len(behind)} lack records: {collections.Counter(each.kind.name for each in behind)}"]
    for each in behind[:10]:
        lines.append(f"{each.kind.name} {each.address}: {len(each.numbers)} records up to {each.numbers[-1:]}, has a stream: "
                     f"{each in crowd.present}, attempts {each.attempts}, id {each.last_id}, the rest {each.buffer[:200]}")
    for server in servers:
        lines += [f"port {server.port}:", *[line for line in server.log().splitlines() if "INFO    stream " not in line][-30:]]
    return "\n".join(lines)


def report(crowd, began):
    """When streams ended and for how long clients had none."""
    gone = [period for follower in crowd.followers for period in follower.away]
    for start, end in zip(began, [*began[1:], float("inf")]):
        periods = [period for period in gone if start <= period[0] < end]
        seconds = collections.Counter(int(left - start) for left, _ in periods)
        back = collections.Counter(int(came - start) for _, came in periods)
        away = [came - left for left, came in periods]
        print(f"\n{len(periods)} streams ended, by second {sorted(seconds.items())}, and came back {sorted(back.items())}; "
              f"away {statistics.median(away):.1f} s (median), {max(away):.1f} s (longest)")
    print(f"refused meanwhile: {dict(crowd.refused)}", end="")
