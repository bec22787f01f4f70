"""What is said about each mistake in Kafka's settings: Golden/kafka-mistakes.txt. UPDATE_GOLDEN=1 writes it anew."""

import http.server
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from clients import ask
from events import STREAMS
from kafka import free_ports
from server import BINARY, ROOT, ServerFailed

GOLDEN = pathlib.Path(__file__).parent / "Golden/kafka-mistakes.txt"
LOGIN = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}


def of(values):
    return {"kafka": {"properties": values}}


# Name; the configuration file's content beside the streams; more words. All of these are seen without asking a broker.
MISTAKES = [
    ("a property that librdkafka does not know", of({"fetch.wait.maximum.ms": 100}), []),
    ("a property with a slip of the pen", of({"fetch.wait.max.msec": 100}), []),
    ("a property of the Java client", of({"max.poll.records": 500}), []),
    ("a number that is none", of({"fetch.wait.max.ms": "soon"}), []),
    ("a number out of its range", of({"fetch.wait.max.ms": -5}), []),
    ("a choice that is none", of({"security.protocol": "TLS"}), []),
    ("a list for a value", of({"client.id": ["a", "b"]}), []),
    ("no value", of({"client.id": None}), []),
    ("properties that are a list", of(["client.id"]), []),
    ("idempotence switched off", of({"enable.idempotence": False}), []),
    ("fewer acknowledgements", of({"acks": 1}), []),
    ("fewer acknowledgements by the old name", of({"request.required.acks": 1}), []),
    ("another start than the client's", of({"auto.offset.reset": "earliest"}), []),
    ("a group", of({"group.id": "eventstreams"}), []),
    ("offsets committed", of({"enable.auto.commit": True}), []),
    ("brokers among the properties", of({"bootstrap.servers": "127.0.0.1:9092"}), []),
    ("brokers among the properties by the old name", of({"metadata.broker.list": "127.0.0.1:9092"}), []),
    ("another partitioner", of({"partitioner": "consistent"}), []),
    ("a transaction", of({"transactional.id": "one"}), []),
    ("a file of a secret that is not there", of(LOGIN | {"sasl.username": "me", "sasl.password": {"file": "/no/such/file"}}), []),
    ("a file of a secret that is a directory", of(LOGIN | {"sasl.username": "me", "sasl.password": {"file": "/tmp"}}), []),
    ("a variable of a secret that is not set",
     of(LOGIN | {"sasl.username": "me", "sasl.password": {"variable": "NO_SUCH_VARIABLE"}}), []),
    ("a secret from somewhere unknown", of(LOGIN | {"sasl.username": "me", "sasl.password": {"vault": "kafka"}}), []),
    ("a secret from two places",
     of(LOGIN | {"sasl.username": "me", "sasl.password": {"file": "/no/such/file", "variable": "HOME"}}), []),
    ("a password without a user", of(LOGIN | {"sasl.password": "hunter2-secret"}), []),
    ("a user without a password", of(LOGIN | {"sasl.username": "me"}), []),
    ("a mechanism that does not exist", of({"security.protocol": "SASL_SSL", "sasl.mechanism": "PLANE"}), []),
    ("a list of authorities that is not there", of({"security.protocol": "SSL", "ssl.ca.location": "/no/such/ca.pem"}), []),
    ("a key that is not there", of({"security.protocol": "SSL", "ssl.key.location": "/no/such/key.pem"}), []),
    ("an authority that is no certificate", of({"security.protocol": "SSL", "ssl.ca.pem": "none"}), []),
    ("a broker without a port that is one", {"kafka": {"brokers": ["127.0.0.1:kafka"]}}, []),
    ("a broker with a port out of range", {"kafka": {"brokers": ["127.0.0.1:99999"]}}, []),
    ("a broker that is a URL", {"kafka": {"brokers": ["http://127.0.0.1:9092"]}}, []),
    ("an empty broker", {"kafka": {"brokers": ["127.0.0.1:9092", ""]}}, []),
    ("settings of Kafka without brokers", {"kafka": {"brokers": [], "create_topics": True}}, []),
    ("a setting that does not exist", {"kafka": {"broker": ["127.0.0.1:9092"]}}, []),
    ("a replication factor below none", {"kafka": {"replication_factor": -1}}, []),
    ("no readers", {"kafka": {"readers": 0}}, []),
    ("a time without a unit", {"kafka": {"topic_refresh": "5"}}, []),
    ("a switch that is neither on nor off", {"kafka": {"create_topics": "perhaps"}}, []),
    ("a setting that is only for the embedded log", {"storage": {"durability": "normal"}}, []),
]

# These are seen when the cluster is asked. The server may wait for it; what it says meanwhile is in its log.
UNREACHABLE = ["a port where nobody listens", "a port of another protocol", "a name that is none", "a port that says nothing"]


def environment():
    return {key: value for key, value in os.environ.items() if not key.startswith("EVENTSTREAMS_")}


def write(directory, document):
    kafka = {"brokers": ["127.0.0.1:9092"]} | document.get("kafka", {})
    file = directory / "config.yaml"
    file.write_text(json.dumps(document | {"kafka": kafka, "streams": {"inline": STREAMS}}))
    return file


def plain(text, *replacements):
    """What does not change from run to run."""
    text = re.sub(r"^\d{4}-\d\d-\d\d[T ][0-9:.]+Z? *", "", text, flags=re.M)
    for found, name in replacements:
        text = text.replace(str(found), name)
    return text


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


@pytest.mark.parametrize(("name", "document", "words"), MISTAKES, ids=[mistake[0] for mistake in MISTAKES])
def test_a_mistake_is_told_with_what_to_change(tmp_path, name, document, words):
    file = write(tmp_path, document)
    command = [BINARY, "serve", "--port", "0", "--intake-port", "0", "--admin-port", "0", "--data-dir", tmp_path / "data",
               "--set", f"http.public_dir={ROOT / 'public'}", "--config", file, *words]
    with subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
            cwd=tmp_path) as process:
        # One that is no mistake after all keeps the server running.
        try:
            _, complaint = process.communicate(timeout=5)
            result = f"exit {process.returncode}"
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            complaint, result = b"", "it runs"
    assert b"hunter2-secret" not in complaint
    compare(name, f"{plain(complaint.decode(), (file, 'config.yaml'), (tmp_path, 'DIRECTORY'))}{result}")


class Silent(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.mark.parametrize("name", UNREACHABLE)
def test_a_cluster_that_is_not_there_is_told(serve, name):
    port, = free_ports(1)
    host, server = "127.0.0.1", None
    if name == "a port of another protocol":
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    if name == "a port that says nothing":
        server = socket.create_server(("127.0.0.1", port))
        server.shutdown = lambda: None
        server.server_close = server.close
    if name == "a name that is none":
        host = "no-such-host.invalid"
    try:
        try:
            service = serve(None, bootstrap=f"{host}:{port}", is_awaited=False, settings={"kafka.unavailable_grace": "1s"})
        except ServerFailed as failure:
            compare(name, plain(str(failure).split("\n", 2)[2], (port, "PORT")))
            return
        time.sleep(3)
        answer = ask(service.admin, "/readyz")
        assert answer.status == 503
        lines = sorted(set(plain(service.log(), (port, "PORT")).split("\n")))
        compare(name, "\n".join([f"readyz: {plain(answer.body.decode(), (port, 'PORT')).strip()}", *filter(None, lines)]))
    finally:
        if server:
            server.shutdown()
            server.server_close()
