"""The program's own clients, and its configuration check."""

import contextlib
import gzip
import json
import os
import random
import shutil
import socket
import subprocess
import threading
import zlib

import pytest

from clients import ask, connect, read_events
from events import STREAMS, Events, post, post_bytes, text
from server import BINARY, PATIENCE, ROOT, eventually


def run(*arguments, timeout=60, **options):
    # What the tests are set by is not the program's.
    options.setdefault("env", {key: value for key, value in os.environ.items() if not key.startswith("EVENTSTREAMS_")})
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


@pytest.mark.parametrize("options", [[], ["--no-gzip"]])
def test_consume_comes_back_to_a_server_that_was_killed(start, options):
    server = start()
    events = Events()
    post(server.intake, events.list(100, "test.change"))
    command = [
        BINARY, "consume", "--quiet", "--since", "2020-01-01", "--limit", "250", *options, f"{server.url}/v2/stream/test.change"]
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


class Relay:
    """Stands between a client and a server and counts the server's bytes."""

    def __init__(self, server):
        self.server = server
        self.count = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = connect(self.server.url)
                threading.Thread(target=self.pass_on, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self.pass_on, args=(far, near, True), daemon=True).start()

    def pass_on(self, source, sink, counts):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if counts:
                    self.count += len(data)
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def relay():
    relays = []

    def relay(server):
        relays.append(Relay(server))
        return relays[-1]

    yield relay
    for each in relays:
        each.close()


def test_consume_takes_gzip_and_prints_the_same(server, relay):
    post(server.intake, Events().list(500, "test.change"))
    outputs, counts = [], []
    for options in ([], ["--no-gzip"]):
        between = relay(server)
        done = run("consume", "--quiet", *options, "--since", "2020-01-01", "--limit", 500, f"{between.url}/v2/stream/test.change")
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
        counts.append(between.count)
    assert outputs[0] == outputs[1] and len(outputs[0].splitlines()) == 500
    assert counts[0] < counts[1] / 2, counts


@pytest.mark.parametrize("options", [[], ["--no-gzip"]])
def test_consume_prints_each_event_at_once(server, options):
    command = [BINARY, "consume", "--quiet", "--since", "2020-01-01", *options, f"{server.url}/v2/stream/test.page"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        deadline = threading.Timer(90, process.kill)
        deadline.start()
        try:
            for event in Events().list(20):
                # Each is waited for before there is a next one that could push it out.
                post(server.intake, [event])
                assert json.loads(process.stdout.readline())["number"] == event["number"]
        finally:
            deadline.cancel()
            process.kill()


@pytest.mark.parametrize("options", [[], ["--no-gzip"]])
def test_consume_goes_on_after_a_server_was_killed_amid_a_replay(start, options):
    server = start()
    events, count = Events(), 6000
    # Text that compression makes little of, far more than pipes and sockets hold: the kill cuts a body.
    for _ in range(count // 500):
        post(server.intake, [events.next("test.page") | {"filler": random.randbytes(700).hex()} for _ in range(500)])
    command = [BINARY, "consume", "--since", "2020-01-01", "--limit", str(count), *options, f"{server.url}/v2/stream/test.page"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = threading.Timer(120, process.kill)
        deadline.start()
        try:
            lines = [process.stdout.readline() for _ in range(100)]
            server.kill()
            server.start()
            lines += process.stdout.read().splitlines()
            assert process.wait(timeout=PATIENCE) == 0
            told = process.stderr.read()
        finally:
            deadline.cancel()
            process.kill()
    assert b"connecting anew" in told
    assert [json.loads(line)["number"] for line in lines] == list(range(count))


def test_consume_refuses_what_unpacks_without_end():
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            packer = zlib.compressobj(9, zlib.DEFLATED, 31)
            body = packer.compress(b"data: " + bytes(400 << 20)) + packer.flush()
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n"
            connection.sendall(head + body)
            connection.recv(65536)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        # 400 MB in 400 kB; the event's limit is 16 MiB.
        limited = ["bash", "-c", 'ulimit -v 600000; exec "$@"', "-", BINARY, "consume", f"http://127.0.0.1:{listener.getsockname()[1]}"]
        done = subprocess.run([str(word) for word in limited], capture_output=True, timeout=60)
    finally:
        thread.join()
        listener.close()
    assert (done.returncode, done.stdout) == (1, b"") and b"longer than" in done.stderr, done


def test_consume_goes_on_from_its_state_file(server, tmp_path):
    events = Events()
    post(server.intake, events.list(30))
    arguments = ["consume", "--quiet", "--state", tmp_path / "state", "--since", "2020-01-01"]
    first = run(*arguments, "--limit", 20, f"{server.url}/v2/stream/test.page")
    second = run(*arguments, "--limit", 10, f"{server.url}/v2/stream/test.page")
    lines = first.stdout.splitlines() + second.stdout.splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(30))


def test_consume_takes_an_address_without_its_scheme(server):
    post(server.intake, Events().list(3))
    address = server.url.removeprefix("http://") + "/v2/stream/test.page"
    done = run("consume", "--quiet", "--last", 3, "--limit", 3, address)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 3


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


def test_an_option_that_can_not_be_is_wrong_use(tmp_path):
    for command in ["serve", "check-config"]:
        done = run(command, *(["--port", "abc"] if command == "serve" else ["--set", "http.port=abc"]))
        assert done.returncode == 2 and b"port" in done.stderr, done.stderr
    done = run("serve", "--set", "streaming.heartbeat=5")
    assert done.returncode == 2 and b"--set streaming.heartbeat" in done.stderr
    file = tmp_path / "config.yaml"
    file.write_text("http: {port: abc}")
    assert run("serve", "--config", file).returncode == 1, "a file that is wrong is no wrong use"


@pytest.mark.parametrize(("key", "value"), [
    ("http.host", "not an ip"), ("intake.host", "a.invalid"), ("admin.host", "[::1]"),
    ("http.trusted_proxies", "10.1.2.3/8,localhost"), ("http.trusted_proxies", "localhost")])
def test_the_check_refuses_what_the_server_refuses(tmp_path, key, value):
    ports = [f"--set={listener}.port=0" for listener in ("http", "intake", "admin")]
    said = {}
    for command in ["serve", "check-config"]:
        done = run(command, *ports, f"--set=storage.data_dir={tmp_path / 'data'}", "--set", f"{key}={value}")
        assert done.returncode == 1 and key.encode() in done.stderr, done.stderr
        said[command] = done.stderr.removeprefix(b"eventstreams: ")
    assert said["serve"] == said["check-config"]


def test_a_host_may_be_a_name(start):
    server = start(host="localhost")
    hosts = {info[4][0] for info in socket.getaddrinfo("localhost", None)}
    reached = set()
    for host in hosts:
        with contextlib.suppress(OSError), socket.create_connection((host, server.port), timeout=PATIENCE):
            reached.add(host)
    assert "127.0.0.1" in reached
    has_six = any(line.startswith("0" * 31 + "1") for line in open("/proc/net/if_inet6")) if os.path.exists("/proc/net/if_inet6") else False
    assert "::1" in reached or "::1" not in hosts or not has_six


def test_the_page_is_found_beside_the_program(tmp_path, start):
    program = tmp_path / "bin" / "eventstreams"
    program.parent.mkdir()
    program.hardlink_to(BINARY) if BINARY.stat().st_dev == tmp_path.stat().st_dev else shutil.copy(BINARY, program)
    shutil.copytree(ROOT / "public", program.parent / "public")
    server = start(settings={"http.public_dir": ""}, binary=program)
    assert ask(server.url, "/v2/ui/").status == 200


def test_produce_takes_events_as_deep_as_the_intake_does(server, tmp_path):
    file = tmp_path / "deep.ndjson"
    for levels, is_taken in [(64, True), (65, False)]:
        deep = '{"a":' * (levels - 1) + "1" + "}" * (levels - 1)
        event = json.dumps(Events().next()).replace('"meta"', f'"deep": {deep}, "meta"', 1)
        file.write_text(event)
        assert (run("produce", "--url", server.intake, file).returncode == 0) == is_taken
        assert (post_bytes(server.intake, event.encode()).status_code == 201) == is_taken


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
