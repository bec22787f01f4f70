"""The program's own clients, and its configuration check."""

import gzip
import json
import subprocess
import threading

import pytest

from clients import ask, read_events
from events import STREAMS, Events, post, text
from server import BINARY, PATIENCE, eventually


def run(*arguments, timeout=60, **options):
    return subprocess.run([str(word) for word in (BINARY, *arguments)], capture_output=True, timeout=timeout, **options)


def test_produce_posts_plain_files_gzip_files_and_standard_input(server, tmp_path):
    events = Events()
    plain, packed = tmp_path / "plain.ndjson", tmp_path / "packed.ndjson.gz"
    plain.write_bytes(b"".join(text(event) + b"\n" for event in events.list(1200)))
    packed.write_bytes(gzip.compress(b"".join(text(event) + b"\n" for event in events.list(300))))
    done = run("produce", "--quiet", "--url", server.intake, plain, packed, "-", input=text(events.next()) + b"\n")
    assert done.returncode == 0, done.stderr
    frames = read_events(server.url, "/v2/stream/test.page?since=0", 1501)
    assert [frame.json["number"] for frame in frames] == list(range(1501))


def test_produce_says_what_was_refused(server, tmp_path):
    file = tmp_path / "events.ndjson"
    events = Events()
    file.write_bytes(text(events.next()) + b"\n" + b'{"meta":{"stream":"none"}}\n' + text(events.next()) + b"\nno json\n")
    done = run("produce", "--quiet", "--url", server.intake, file)
    assert done.returncode == 1
    assert b"none" in done.stderr
    assert len(read_events(server.url, "/v2/stream/test.page?since=0&until=PT0S")) == 2


def test_consume_prints_events_and_ends_at_the_limit(server):
    post(server.intake, Events().list(50, "test.change"))
    done = run("consume", "--quiet", "--since", "2020-01-01", "--limit", 50, f"{server.url}/v2/stream/test.change")
    assert done.returncode == 0, done.stderr
    assert sorted(json.loads(line)["number"] for line in done.stdout.splitlines()) == list(range(50))


def test_consume_comes_back_to_a_server_that_was_killed(start):
    server = start()
    events = Events()
    post(server.intake, events.list(100, "test.change"))
    command = [BINARY, "consume", "--quiet", "--since", "2020-01-01", "--limit", "250", f"{server.url}/v2/stream/test.change"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        deadline = threading.Timer(90, process.kill)
        deadline.start()
        try:
            lines = [process.stdout.readline() for _ in range(60)]
            for _ in range(3):
                server.kill()
                server.start()
                post(server.intake, events.list(50, "test.change"))
            # Not communicate, which passes over what readline has buffered.
            lines += process.stdout.read().splitlines()
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            deadline.cancel()
            process.kill()
    assert sorted(json.loads(line)["number"] for line in lines) == list(range(250))


def test_consume_goes_on_from_its_state_file(server, tmp_path):
    events = Events()
    post(server.intake, events.list(30))
    arguments = ["consume", "--quiet", "--state", tmp_path / "state", "--since", "2020-01-01"]
    first = run(*arguments, "--limit", 20, f"{server.url}/v2/stream/test.page")
    second = run(*arguments, "--limit", 10, f"{server.url}/v2/stream/test.page")
    lines = first.stdout.splitlines() + second.stdout.splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(30))


def test_consume_says_why_a_server_refuses(server):
    done = run("consume", f"{server.url}/v2/stream/none")
    assert done.returncode == 1 and b"none" in done.stderr


def test_the_configuration_can_be_checked(tmp_path):
    streams = tmp_path / "streams.json"
    streams.write_text(json.dumps({"streams": STREAMS}))
    assert run("check-config", "--set", f"streams.config={streams}").returncode == 0
    done = run("check-config", "--set", "http.prot=1")
    assert done.returncode in (1, 2) and b"http.port" in done.stderr
    streams.write_text("streams: 7")
    done = run("check-config", "--set", f"streams.config={streams}")
    assert done.returncode == 1 and b"streams" in done.stderr


def test_a_bad_stream_configuration_is_named(tmp_path):
    streams = tmp_path / "streams.json"
    streams.write_text("streams: 7")
    assert str(streams).encode() in run("check-config", "--set", f"streams.config={streams}").stderr


def test_the_printed_configuration_is_one(tmp_path, start):
    file = tmp_path / "printed.yaml"
    file.write_bytes(run("check-config", "--print").stdout)
    done = run("check-config", "--config", file)
    assert done.returncode == 0, done.stderr


def test_the_demo_has_streams_with_events(start):
    server = start(streams=None, options=["--demo"])
    streams = eventually(lambda: [s for s in ask(server.url, "/v2/stream").json["streams"] if s["newest"]])
    frames = read_events(server.url, f"/v2/stream/{streams[0]['name']}", 3)
    assert all(frame.json["meta"]["stream"] == streams[0]["name"] for frame in frames)


def test_help_and_manual_are_there():
    for arguments in [["--help"], ["help"], ["serve", "--help"], ["man"], ["completion", "bash"]]:
        done = run(*arguments)
        assert done.returncode == 0 and len(done.stdout) > 100, arguments
    assert run("nonsense").returncode == 2
    assert run("serve", "--nonsense").returncode == 2
