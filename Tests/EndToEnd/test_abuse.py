"""Abuse from one address: those who behave well lose nothing by it, and nothing of it stays. The short form of script/abuse."""

import sys

import pytest

from server import ROOT, Server, eventually

sys.path.append(str(ROOT / "Benchmarks"))
from abuse import attacks, place  # noqa: E402
from abuse.bench import Bench, faults  # noqa: E402


def port(url):
    return int(url.split("//")[1].split("/")[0].rsplit(":")[1])


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("abuse"), streams=place.STREAMS, settings={"streaming.stall_timeout": "1s"})
    try:
        server.start()
        where = place.Place(server.port, port(server.intake), port(server.admin), server.process.pid)
        where.fill(small=1000, large=4)
        with Bench(where, clients=20, rate=20, connections=50, most=300) as bench:
            eventually(lambda: where.metric("eventstreams_connected_clients") == 20)
            yield bench
    finally:
        server.kill()


@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_an_abuser_takes_nothing_from_the_others(bench, name):
    assert not faults(bench.attack(name, seconds=0.7, calm=0.1))
