"""Abuse from one address: those who behave well lose nothing by it, and nothing of it stays. The short form of script/abuse."""

import contextlib
import sys

import pytest

import tls
from server import ROOT, Server, eventually

sys.path.append(str(ROOT / "Benchmarks"))
from abuse import attacks, place  # noqa: E402
from abuse.bench import Bench, faults  # noqa: E402


def port(url):
    return int(url.split("//")[1].split("/")[0].rsplit(":")[1])


@contextlib.contextmanager
def abused(directory, **settings):
    secure = tls.settings(tls.certificate(directory, "server", "localhost"))
    server = Server(directory, streams=place.STREAMS, settings={"streaming.stall_timeout": "1s"} | secure | settings)
    try:
        server.start()
        where = place.Place(server.port, port(server.intake), port(server.admin), server.process.pid, server.tls_port)
        where.fill(small=1000, large=4)
        with Bench(where, clients=20, rate=20, connections=50, most=300) as bench:
            eventually(lambda: where.metric("eventstreams_connected_clients") == 20)
            yield bench
    finally:
        server.kill()


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with abused(tmp_path_factory.mktemp("abuse")) as bench:
        yield bench


@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_an_abuser_takes_nothing_from_the_others(bench, name):
    assert not faults(bench.attack(name, seconds=0.7, calm=0.1))


@pytest.mark.parametrize("name", ["silent", "idle"])
def test_who_takes_all_connections_keeps_nobody_from_posting_and_asking_for_health(tmp_path, name):
    with abused(tmp_path, **{"http.max_connections": 50}) as bench:
        assert not faults(bench.attack(name, seconds=1, calm=0.1))
