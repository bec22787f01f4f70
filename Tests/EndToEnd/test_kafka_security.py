"""TLS, passwords, rights, and secrets that stay where they are."""

import subprocess

import pytest

from clients import ask, read_events
from events import Events, post, post_bytes, text
from kafka import PASSWORD, STREAM, USER
from server import BINARY, ServerFailed, eventually
from test_kafka import TARGET, values

# The rights that docs/kafka.md names.
READING = [("TOPIC", "dc1.*", "READ", "DESCRIBE")]
POSTING = [("TOPIC", "dc1.*", "WRITE")]
CREATING = [("TOPIC", "dc1.*", "CREATE", "ALTER")]


@pytest.fixture
def login(tmp_path, certificates):
    """What a server that logs in by password is configured with; the password stands in a file."""
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    return {
        "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": USER,
        "sasl.password": {"file": str(secret)}, "ssl.ca.location": str(certificates.authority)}


def test_a_server_logs_in_with_a_password_over_tls_and_needs_few_rights(serve, broker, topic, login):
    broker.create(topic)
    events = Events()
    broker.produce(topic, values(events.list(5, STREAM)))
    broker.allow(f"User:{USER}", *READING)
    server = serve(
        broker, bootstrap=broker.listener["PASSWORD"].address, config={"kafka": {"properties": login}})
    assert len(read_events(server.url, f"{TARGET}?since=0", 5)) == 5
    answer = post_bytes(server.intake, text(events.next(STREAM)))
    assert answer.status_code in (403, 500, 503), "reading gives no right to write"
    assert PASSWORD not in answer.text + server.log()
    broker.allow(f"User:{USER}", *POSTING)
    eventually(lambda: post_bytes(server.intake, text(events.next(STREAM))).status_code == 201, timeout=60, every=1)


def test_a_server_that_may_make_its_topics_does(serve, broker, topic, login):
    broker.allow(f"User:{USER}", *READING, *POSTING, *CREATING)
    server = serve(
        broker, bootstrap=broker.listener["PASSWORD"].address, config={"kafka": {"properties": login}},
        settings={"kafka.create_topics": "true"})
    post(server.intake, Events().list(5, STREAM))
    assert broker.topics()[topic] == 3


def test_a_server_shows_a_certificate(serve, broker, topic, certificates):
    broker.create(topic)
    broker.produce(topic, values(Events().list(5, STREAM)))
    broker.allow(f"User:CN={USER}", *READING)
    properties = {
        "security.protocol": "SSL", "ssl.ca.location": str(certificates.authority),
        "ssl.certificate.location": str(certificates.client), "ssl.key.location": str(certificates.client_key)}
    server = serve(
        broker, bootstrap=broker.listener["MUTUAL"].address, config={"kafka": {"properties": properties}})
    assert len(read_events(server.url, f"{TARGET}?since=0", 5)) == 5


@pytest.mark.parametrize("source", ["file", "variable", "inline"])
def test_a_secret_is_never_shown(serve, broker, topic, login, tmp_path, monkeypatch, source):
    broker.create(topic)
    broker.allow(f"User:{USER}", *READING)
    # Variables with the program's own prefix are kept from the servers of other tests.
    monkeypatch.setenv("KAFKA_TEST_PASSWORD", PASSWORD)
    login["sasl.password"] = {
        "file": login["sasl.password"], "variable": {"variable": "KAFKA_TEST_PASSWORD"}, "inline": PASSWORD}[source]
    server = serve(
        broker, bootstrap=broker.listener["PASSWORD"].address, settings={"logging.level": "trace"},
        config={"kafka": {"properties": login | {"debug": "security,broker,conf"}}})
    read_events(server.url, f"{TARGET}?until=PT0S")
    shown = server.log() + server.metrics() + ask(server.admin, "/readyz").body.decode()
    print_ = subprocess.run(
        [BINARY, "check-config", "--print", "--config", server.directory / "config.yaml",
         "--set", f"streams.config={server.streams_file}", "--set", f"kafka.brokers={broker.listener['PASSWORD'].address}"],
        capture_output=True, timeout=30)
    assert print_.returncode == 0, print_.stderr.decode()
    shown += (print_.stdout + print_.stderr).decode()
    assert PASSWORD not in shown


def test_a_wrong_password_is_told_and_not_shown(serve, broker, login):
    wrong = "this-is-wrong-4711"
    with pytest.raises(ServerFailed) as failure:
        serve(broker, bootstrap=broker.listener["PASSWORD"].address,
              config={"kafka": {"properties": login | {"sasl.password": wrong}}})
    assert "Authentication failed" in str(failure.value)
    assert wrong not in str(failure.value)
