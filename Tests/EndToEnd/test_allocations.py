"""No allocation, lock or task for each event and client: counted in the server while it works, see Benchmarks/allocations."""

import shutil
import sys

import pytest
import requests

from events import STREAMS, Events, text
from server import BINARY, ROOT, Server

sys.path.append(str(ROOT / "Benchmarks"))
from allocations import clients, counting, instructions  # noqa: E402

# Far below one. Not zero: what a loop does once a second falls into the longer of two runs more often.
MOST = 0.02
SETTINGS = {"http.max_connections_per_address": 0, "streaming.heartbeat": "1m"}


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    return counting.build(tmp_path_factory.mktemp("count"))


def publisher(server):
    """Over one connection: what one costs is no event's cost."""
    intake, events = requests.Session(), Events()

    def publish():
        answer = intake.post(
            server.intake, data=text(events.next()), headers={"Content-Type": "application/json"}, timeout=60)
        assert answer.status_code == 201, answer.text

    return publish


def connector(server, name):
    return lambda: clients.Client(server.port, "/v2/stream/test.page", clients.FORMATS[name])


@pytest.mark.parametrize("name", clients.FORMATS)
def test_an_event_costs_no_allocation_for_a_client(start, library, tmp_path, name):
    file = tmp_path / "counts"
    server = start(environment=counting.environment(library, file), settings=SETTINGS)
    each, beside = clients.cost(
        counting.counted(lambda: counting.counts(server.process.pid, file)), publisher(server), connector(server, name),
        fewer=20, more=420, events=200)
    print(f"{name}: for each client {dict(each)}, beside that {dict(beside)}")
    assert beside["allocations"] > 1, "an event itself costs some, and they are seen"
    assert each["allocations"] <= MOST, "allocations, and with them tasks, for one event to one client"
    assert each["mutexes"] <= MOST and each["futexes"] <= MOST, "locks for one event to one client"


class WatchedServer(Server):
    def __init__(self, binary, directory, **options):
        super().__init__(directory, **options)
        self.binary = binary

    def command(self):
        return [*map(str, instructions.command(self.binary, self.directory)), *super().command()[1:]]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    return instructions.prepared(BINARY, tmp_path_factory.mktemp("instructions"))


@pytest.mark.skipif(not shutil.which("callgrind_control"), reason="valgrind is not there: script/setup --tests")
@pytest.mark.parametrize("name", clients.FORMATS)
def test_an_event_takes_no_lock_for_a_client(prepared, tmp_path, name):
    server = WatchedServer(prepared, tmp_path, streams=STREAMS, settings=SETTINGS)
    try:
        server.start()
        each, beside = clients.cost(
            instructions.counted(server.process.pid, tmp_path), publisher(server), connector(server, name),
            fewer=10, more=210, events=50)
    finally:
        server.kill()
    atomic = {function: number for (kind, function), number in each.items() if kind == "atomic" and abs(number) > 0.001}
    print(f"{name}: {sum(v for k, v in each.items() if k[0] == 'instructions'):.0f} instructions; atomic: {atomic}")
    locks = {function: number for function, number in atomic.items() if instructions.is_lock(function)}
    assert sum(v for (kind, function), v in beside.items() if kind == "atomic" and instructions.is_lock(function)) > 1, (
        "an event itself takes some locks, and they are seen")
    assert sum(locks.values()) <= MOST, locks
    # A client's sink is written to by a call of its own, and nothing is held meanwhile but its bytes.
    assert sum(atomic.values()) <= 5, atomic
