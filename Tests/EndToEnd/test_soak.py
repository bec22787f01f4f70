"""Load, attacks and faults together, for a moment: the short form of script/soak, and what it would notice."""

import gzip
import json
import os
import pathlib
import random
import signal
import subprocess
import sys

import pytest

from server import BINARY, ROOT, eventually

sys.path.append(str(ROOT / "Benchmarks"))
from soak.ledger import Ledger  # noqa: E402
from soak.reader import Habit, Reader  # noqa: E402
from soak.samples import slope, smoothed  # noqa: E402
from soak.tally import Tally  # noqa: E402
from soak.wire import Answer, Refused  # noqa: E402

TOPIC = "test.topic"


def start(directory, *options):
    """script/soak with a server's directory below this one."""
    environment = os.environ | {"EVENTSTREAMS_BINARY": str(BINARY), "TMPDIR": str(directory)}
    return subprocess.Popen(
        [ROOT / "script/soak", *options], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_nothing_is_lost_or_repeated_by_faults_and_attacks_under_load(tmp_path):
    soak = start(tmp_path, "0.3", "--short", "--clients", "10", "--rate", "60", "--retention", "10")
    try:
        output, errors = soak.communicate(timeout=300)
    finally:
        soak.kill()
    assert soak.returncode == 0, output + errors
    assert "Nothing was lost or repeated, and nothing grew." in output
    done, = (line for line in output.splitlines() if line.startswith("faults done"))
    assert "reload, kill, attack, pause" in done
    assert not list(tmp_path.iterdir())


def test_an_interrupted_run_leaves_nothing_behind(tmp_path):
    soak = start(tmp_path, "5", "--clients", "2", "--rate", "10")
    try:
        eventually(lambda: list(tmp_path.glob("soak*/data/log.sqlite")))
        eventually(lambda: soak.poll() is not None or processes(tmp_path))
        soak.send_signal(signal.SIGINT)
        assert soak.wait(120) == 128 + signal.SIGINT
    finally:
        soak.kill()
        soak.communicate()
    assert not processes(tmp_path) and not list(tmp_path.iterdir())


def processes(directory):
    """Those that work in a directory below this one."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*/cwd"):
        try:
            if str(place.readlink()).startswith(f"{directory}/"):
                found.append(place.parent.name)
        except OSError:
            pass
    return found


# What it would notice.

@pytest.fixture
def tally():
    return Tally()


@pytest.fixture
def reader(tally):
    return Reader("it", "127.0.0.1", [TOPIC], [(TOPIC, 0)], Habit(), Ledger(), tally)


def event(offset, number=None, **fields):
    return {"number": offset if number is None else number, "sent": 0,
            "meta": {"topic": TOPIC, "partition": 0, "offset": offset}} | fields


def test_an_offset_that_is_left_out_is_lost_also_over_two_connections(reader, tally):
    reader.take("message", json.dumps([{"topic": TOPIC, "partition": 0, "offset": 1}]), event(0))
    reader.request(random.Random(1))
    reader.take("message", None, event(3))
    assert tally.faults == {"lost": 2}


def test_an_event_that_comes_again_is_repeated(reader, tally):
    for offset in (4, 5, 5, 4, 6):
        reader.take("message", None, event(offset))
    assert tally.faults == {"repeated": 2}


def test_a_new_partition_begins_with_its_first_event(reader, tally):
    reader.take("message", json.dumps([{"topic": TOPIC, "partition": 0, "offset": 1}]), event(0))
    late = event(1)
    late["meta"]["partition"] = 1
    reader.take("message", None, late)
    assert tally.faults == {"lost": 1}


def test_a_gap_is_a_fault_unless_the_client_brought_it_on_itself(tally):
    gap = {"topic": TOPIC, "partition": 0, "from": 1, "to": 5, "reason": "retention"}
    for misses in ((), ("retention",)):
        reader = Reader("it", "127.0.0.1", [TOPIC], [], Habit(misses=misses), Ledger(), tally)
        reader.take("message", None, event(0))
        reader.take("gap", None, gap)
        reader.take("message", None, event(5))
    assert tally.faults == {"gap": 1} and tally.gaps == {"retention, it": 2}


def test_a_gap_excuses_no_more_than_it_names(tally):
    reader = Reader("it", "127.0.0.1", [TOPIC], [], Habit(misses=("slow",)), Ledger(), tally)
    reader.take("message", None, event(0))
    reader.take("gap", None, {"topic": TOPIC, "partition": 0, "from": 3, "to": 5, "reason": "slow"})
    assert tally.faults == {"lost": 2}


def test_another_event_at_an_acknowledged_place_is_wrong(tally):
    ledger = Ledger()
    assert ledger.acknowledge(7, (TOPIC, 0), 0, posted=1)
    reader = Reader("it", "127.0.0.1", [TOPIC], [], Habit(), ledger, tally)
    reader.take("message", None, event(0, number=8))
    assert tally.faults == {"wrong": 1}
    assert not ledger.acknowledge(7, (TOPIC, 0), 1, posted=2), "an event is stored once"


def test_what_was_acknowledged_and_never_came_is_missing_at_the_end(reader):
    ledger = Ledger()
    reader = Reader("it", "127.0.0.1", [TOPIC], [], Habit(), ledger, Tally())
    for number in range(3):
        ledger.acknowledge(number, (TOPIC, 0), number, posted=number)
    reader.take("message", None, event(0))
    assert reader.behind(ledger.ends()) == [((TOPIC, 0), 1), ((TOPIC, 0), 2)]
    assert ledger.acknowledged_since(1) == {((TOPIC, 0), 2): 2}


def test_what_is_redacted_must_not_be_shown(reader, tally):
    tally.hidden_since = 100
    reader.take("message", None, event(0, secret="x", sent=99))
    reader.take("message", None, event(1, secret="x", sent=101))
    assert tally.faults == {"shown": 1}


def test_steady_growth_is_told_from_peaks():
    level = [(second, 100e6 + (40e6 if second % 300 < 20 else 0)) for second in range(0, 1800, 5)]
    assert abs(slope(smoothed(level))) < 1e6
    assert 99e6 < slope(smoothed([(second, bytes_ + second * 100e6 / 3600) for second, bytes_ in level])) < 101e6


@pytest.mark.parametrize("is_gzip", [False, True])
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_an_answer_is_read_in_pieces_of_any_size(is_gzip, step):
    body = (b':ok\n\nevent: message\nid: [1]\ndata: {"a":1}\n\n: heartbeat\nid: [2]\n\n'
            b'retry: 5000\nevent: gap\nid: x\ndata: {"to":3}\n\n')
    body = gzip.compress(body) if is_gzip else body
    head = b"HTTP/1.1 200 OK\r\n" + (b"Content-Encoding: gzip\r\n" if is_gzip else b"") + b"Transfer-Encoding: chunked\r\n\r\n"
    text = head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:20], body[20:])) + b"0\r\n\r\n"
    answer, frames = Answer("sse"), []
    for place in range(0, len(text), step):
        frames += answer.feed(text[place:place + step])
    assert frames == [("message", "[1]", {"a": 1}), ("message", "[2]", None), ("gap", "x", {"to": 3})]
    assert answer.is_finished


def test_lines_of_json_are_frames_too_and_a_refusal_says_why():
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    assert Answer("ndjson").feed(head + b'\n{"a":1}\n{"$notice":"gap","to":1}\n{"a"') == [
        ("message", None, {"a": 1}), ("gap", None, {"$notice": "gap", "to": 1})]
    with pytest.raises(Refused, match="503.*busy"):
        Answer("sse").feed(b"HTTP/1.1 503 Service Unavailable\r\n\r\nbusy")


def test_behind_a_filter_only_what_it_lets_through_can_be_lost(tally):
    ledger = Ledger()
    reader = Reader("it", "127.0.0.1", [TOPIC], [], Habit(), ledger, tally, query="match.parity=even", parity=0)
    for number in (0, 1, 2, 5, 6):
        ledger.acknowledge(number, (TOPIC, 0), number, posted=1)
    reader.take("message", None, event(0))
    reader.take("message", None, event(6))
    assert tally.faults == {"lost": 1}, "nobody knows yet of 3 and 4"
    ledger.see(3, (TOPIC, 0), 3)
    ledger.see(4, (TOPIC, 0), 4)
    reader.settle()
    assert tally.faults == {"lost": 2}
    reader.take("message", None, event(7))
    assert tally.faults == {"lost": 2, "wrong": 1}
