"""What is said about each mistake in Kafka's settings: Golden/kafka-mistakes.txt. UPDATE_GOLDEN=1 writes it anew."""

import contextlib
import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import threading

import pytest

from events import STREAMS
from ports import free_ports
from server import BINARY, PATIENCE, ROOT

GOLDEN = pathlib.Path(__file__).parent / "Golden/kafka-mistakes.txt"
SECRET = "hunter2-secret"
LOGIN = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}


def of(values):
    return {"kafka": {"properties": values}}


# Name; the configuration file's content beside the streams and a broker. All of these are seen without asking a broker.
MISTAKES = [
    ("a property that librdkafka does not know", of({"fetch.wait.maximum.ms": 100})),
    ("a property with a slip of the pen", of({"fetch.wait.max.msec": 100})),
    ("a property of the Java client", of({"max.poll.records": 500})),
    ("a number that is none", of({"fetch.wait.max.ms": "soon"})),
    ("a number out of its range", of({"fetch.wait.max.ms": -5})),
    ("a choice that is none", of({"security.protocol": "TLS"})),
    ("a list for a value", of({"client.id": ["a", "b"]})),
    ("no value", of({"client.id": None})),
    ("properties that are a list", of(["client.id"])),
    ("idempotence switched off", of({"enable.idempotence": False})),
    ("fewer acknowledgements", of({"acks": 1})),
    ("fewer acknowledgements by the old name", of({"request.required.acks": 1})),
    ("another start than the client's", of({"auto.offset.reset": "earliest"})),
    ("a group", of({"group.id": "eventstreams"})),
    ("offsets committed", of({"enable.auto.commit": True})),
    ("brokers among the properties", of({"bootstrap.servers": "127.0.0.1:9092"})),
    ("brokers among the properties by the old name", of({"metadata.broker.list": "127.0.0.1:9092"})),
    ("another partitioner", of({"partitioner": "consistent"})),
    ("a transaction", of({"transactional.id": "one"})),
    ("a file of a secret that is not there", of(LOGIN | {"sasl.username": "me", "sasl.password": {"file": "/no/such/file"}})),
    ("a file of a secret that is a directory", of(LOGIN | {"sasl.username": "me", "sasl.password": {"file": "/tmp"}})),
    ("a variable of a secret that is not set",
     of(LOGIN | {"sasl.username": "me", "sasl.password": {"variable": "NO_SUCH_VARIABLE"}})),
    ("a secret from somewhere unknown", of(LOGIN | {"sasl.username": "me", "sasl.password": {"vault": "kafka"}})),
    ("a secret from two places",
     of(LOGIN | {"sasl.username": "me", "sasl.password": {"file": "/no/such/file", "variable": "HOME"}})),
    ("a password without a user", of(LOGIN | {"sasl.password": SECRET})),
    ("a user without a password", of(LOGIN | {"sasl.username": "me"})),
    ("a mechanism that does not exist", of({"security.protocol": "SASL_SSL", "sasl.mechanism": "PLANE"})),
    ("a list of authorities that is not there", of({"security.protocol": "SSL", "ssl.ca.location": "/no/such/ca.pem"})),
    ("a key that is not there", of({"security.protocol": "SSL", "ssl.key.location": "/no/such/key.pem"})),
    ("an authority that is no certificate", of({"security.protocol": "SSL", "ssl.ca.pem": "none"})),
    ("a broker without a port that is one", {"kafka": {"brokers": ["127.0.0.1:kafka"]}}),
    ("a broker with a port out of range", {"kafka": {"brokers": ["127.0.0.1:99999"]}}),
    ("a broker that is a URL", {"kafka": {"brokers": ["http://127.0.0.1:9092"]}}),
    ("an empty broker", {"kafka": {"brokers": ["127.0.0.1:9092", ""]}}),
    ("a setting that does not exist", {"kafka": {"broker": ["127.0.0.1:9092"]}}),
    ("a replication factor below none", {"kafka": {"replication_factor": -1}}),
    ("no readers", {"kafka": {"readers": 0}}),
    ("a time without a unit", {"kafka": {"topic_refresh": "5"}}),
    ("a switch that is neither on nor off", {"kafka": {"create_topics": "perhaps"}}),
]

# These are seen when the cluster is asked.
UNREACHABLE = ["a port where nobody listens", "a port of another protocol", "a name that is none", "a port that says nothing"]


def environment():
    return {key: value for key, value in os.environ.items() if not key.startswith("EVENTSTREAMS_")}


def run(directory, *words):
    """Its exit code, and what it said on standard error."""
    with subprocess.Popen(
            [str(word) for word in (BINARY, *words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=environment(), cwd=directory) as process:
        try:
            _, said = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
    return process.returncode, said.decode().removeprefix("eventstreams: ")


def compare(name, text):
    """A part of the golden file, of this name."""
    parts = {}
    if GOLDEN.exists():
        for part in re.split(r"^== ", GOLDEN.read_text(), flags=re.M)[1:]:
            title, _, body = part.partition("\n")
            parts[title] = body.strip("\n")
    if os.environ.get("UPDATE_GOLDEN"):
        parts[name] = text.strip("\n")
        order = [mistake[0] for mistake in MISTAKES] + UNREACHABLE
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text("\n\n".join(f"== {key}\n{parts[key]}" for key in order if key in parts) + "\n")
    assert parts.get(name) == text.strip("\n")


@pytest.mark.parametrize(("name", "document"), [
    pytest.param(*mistake, id=mistake[0]) for mistake in MISTAKES])
def test_a_mistake_is_told_with_what_to_change(tmp_path, name, document):
    kafka = {"brokers": ["127.0.0.1:9"]} | document.get("kafka", {})
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps(document | {
        "kafka": kafka, "streams": {"inline": STREAMS}, "http": {"public_dir": str(ROOT / "public")}}))
    code, said = run(tmp_path, "check-config", "--config", file)
    assert code == 1, "the check finds it"
    assert SECRET not in said
    compare(name, said.replace(str(file), "config.yaml"))
    ports = ["--port", 0, "--intake-port", 0, "--admin-port", 0]
    started, told = run(tmp_path, "serve", *ports, "--config", file)
    told = told.removeprefix("eventstreams: ")
    assert (started, told) == (code, said), "the server does not start with it"


class Silent(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_a_cluster_that_is_not_there_is_told(tmp_path):
    """What the server says in its last line; all of these at once, since each takes its time."""
    (tmp_path / "streams.json").write_text(json.dumps({"streams": STREAMS}))
    with contextlib.ExitStack() as stack:
        closed, = free_ports(1)
        web = stack.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent))
        threading.Thread(target=web.serve_forever, daemon=True).start()
        stack.callback(web.shutdown)
        mute = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        places = [f"127.0.0.1:{closed}", f"127.0.0.1:{web.server_port}", "no-such-host.invalid:9092",
                  f"127.0.0.1:{mute.getsockname()[1]}"]
        results = {}

        def serve(name, place):
            results[name] = run(
                tmp_path, "serve", "--port", 0, "--intake-port", 0, "--admin-port", 0, "--kafka", place,
                "--set", "kafka.unavailable_grace=1s", "--set", f"streams.config={tmp_path / 'streams.json'}", "--set", f"http.public_dir={ROOT / 'public'}")

        threads = [threading.Thread(target=serve, args=pair, daemon=True) for pair in zip(UNREACHABLE, places)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE + 10)
    for name, place in zip(UNREACHABLE, places):
        code, said = results[name]
        last = said.strip().split("\n")[-1].removeprefix("eventstreams: ").replace(place, "HOST:PORT")
        compare(name, re.sub(r"\(after [^()]*(\([^()]*\)[^()]*)*\)", "(after a while)", last) + f"\nexit {code}")
