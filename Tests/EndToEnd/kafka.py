"""Real Kafka clusters on loopback, and what the tests do to them and ask of them.

A broker's files are those of a directory `kafka/libs` of Kafka's jars, which is no part of the project.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import uuid

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding, AclOperation, AclPermissionType, AdminClient, NewPartitions, NewTopic, ResourcePatternType, ResourceType)

from ports import free_ports
from server import PATIENCE, ROOT, Server, eventually

SHARED = pathlib.Path(os.environ.get("EVENTSTREAMS_SHARED", ROOT.parent / "shared"))

# Who may log in at a secured listener, and with what.
USER, PASSWORD = "eventstreams", "correct-horse-battery"

# What a node is like: small, quick to notice what happens, and sure to keep what it acknowledged.
PROPERTIES = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    "offsets.topic.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
    "auto.create.topics.enable": "false",
    "log.retention.check.interval.ms": 1000,
    "log.segment.delete.delay.ms": 1000,
    "message.max.bytes": 5 << 20,
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
}

LOGGING = """
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %m (%c)%n
"""


class Listener:
    """A way into a broker: a name, a protocol of Kafka's, its port, and the port that it tells clients."""

    def __init__(self, name, protocol="PLAINTEXT", settings=None, advertised=None):
        self.name, self.protocol, self.settings = name, protocol, settings or {}
        self.port, = free_ports(1)
        self.advertised = advertised or self.port

    @property
    def address(self):
        return f"127.0.0.1:{self.advertised}"


class Node:
    def __init__(self, cluster, number, listeners):
        self.cluster, self.number, self.listeners = cluster, number, listeners
        self.directory = cluster.directory / f"node{number}"
        self.controller_port, = free_ports(1)
        self.process = None

    @property
    def bootstrap(self):
        return self.listeners[0].address

    def format(self, voters):
        self.directory.mkdir()
        (self.directory / "log4j2.properties").write_text(LOGGING)
        listeners = [*self.listeners, None]
        properties = PROPERTIES | {
            "node.id": self.number,
            "controller.quorum.voters": voters,
            "listeners": ",".join(
                f"{it.name}://127.0.0.1:{it.port}" if it else f"CONTROLLER://127.0.0.1:{self.controller_port}"
                for it in listeners),
            "advertised.listeners": ",".join(f"{it.name}://{it.address}" for it in self.listeners),
            "listener.security.protocol.map": ",".join(
                f"{it.name}:{it.protocol}" if it else "CONTROLLER:PLAINTEXT" for it in listeners),
            "log.dirs": self.directory / "data",
        } | self.cluster.properties
        for listener in self.listeners:
            properties |= {
                f"listener.name.{listener.name.lower()}.{key}": value for key, value in listener.settings.items()}
        (self.directory / "server.properties").write_text("".join(f"{k}={v}\n" for k, v in properties.items()))
        done = subprocess.run(
            self.java("kafka.tools.StorageTool", "format", "-t", self.cluster.id, "-c", "server.properties"),
            cwd=self.directory, capture_output=True, timeout=60)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()

    def java(self, *words):
        return ["java", "-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                f"-Dlog4j2.configurationFile={self.directory}/log4j2.properties",
                "-cp", f"{SHARED}/kafka/libs/*", *words]

    def launch(self):
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                self.java("kafka.Kafka", "server.properties"), cwd=self.directory, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL)

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def kill(self):
        """As a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)
            self.process = None

    def stop(self):
        """In order: another node takes over first."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.process = None


class Cluster:
    """Brokers that are their own controllers. Each node's first listener is plain and named PLAIN."""

    def __init__(self, directory, nodes=1, listeners=(), **properties):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.id = uuid.uuid4().hex[:22]
        self.properties = {
            "offsets.topic.replication.factor": nodes, "default.replication.factor": nodes,
            "transaction.state.log.replication.factor": nodes, "transaction.state.log.min.isr": 1,
            "min.insync.replicas": max(1, nodes - 1),
        } | {key.replace("_", "."): value for key, value in properties.items()}
        self.nodes = [
            Node(self, n + 1, [Listener("PLAIN"), *(listeners if n == 0 else ())]) for n in range(nodes)]
        self._admin = self._producer = None

    @property
    def bootstrap(self):
        return ",".join(node.bootstrap for node in self.nodes)

    def start(self):
        voters = ",".join(f"{node.number}@127.0.0.1:{node.controller_port}" for node in self.nodes)
        for node in self.nodes:
            node.format(voters)
            node.launch()
        self.wait()
        return self

    def wait(self):
        """Until all nodes are there and answer."""
        for node in self.nodes:
            admin = AdminClient({"bootstrap.servers": node.bootstrap, "log_level": 0})

            def answers():
                assert node.is_alive(), node.log()[-3000:]
                try:
                    return len(admin.list_topics(timeout=1).brokers) == len(self.nodes)
                except KafkaException:
                    return False

            eventually(answers, timeout=90, every=0.1)

    def kill(self, number=1):
        self.nodes[number - 1].kill()

    def restart(self, number=1):
        self.nodes[number - 1].launch()
        self.wait()

    def close(self):
        self._admin = self._producer = None
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    # Topics.

    @property
    def admin(self):
        if self._admin is None:
            self._admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        return self._admin

    def _done(self, futures):
        for future in futures.values():
            future.result(PATIENCE)

    def create(self, topic, partitions=1, **config):
        """Makes a topic, and waits until it can be written to."""
        config = {key.replace("_", "."): str(value) for key, value in config.items()}
        self._done(self.admin.create_topics([NewTopic(topic, partitions, config=config)]))
        self._wait_for(topic, partitions)

    def add_partitions(self, topic, total):
        self._done(self.admin.create_partitions([NewPartitions(topic, total)]))
        self._wait_for(topic, total)
        # The old one would not know of them for a while.
        self._producer = None

    def _wait_for(self, topic, partitions):
        def is_there():
            found = self.admin.list_topics(topic, timeout=10).topics[topic].partitions
            return len(found) == partitions and all(partition.leader >= 0 for partition in found.values())
        eventually(is_there)

    def delete(self, topic):
        self._done(self.admin.delete_topics([topic]))
        eventually(lambda: topic not in self.topics())

    def topics(self):
        return {name: len(topic.partitions) for name, topic in self.admin.list_topics(timeout=10).topics.items()}

    def delete_records(self, topic, partition, before):
        self._done(self.admin.delete_records([TopicPartition(topic, partition, before)]))

    def allow(self, principal, *rules):
        """Each rule: a kind of resource, its name (a prefix, when it ends with `*`), and operations."""
        bindings = []
        for kind, name, *operations in rules:
            pattern = ResourcePatternType.PREFIXED if name.endswith("*") else ResourcePatternType.LITERAL
            for operation in operations:
                bindings.append(AclBinding(
                    ResourceType[kind], name.rstrip("*"), pattern, principal, "*", AclOperation[operation],
                    AclPermissionType.ALLOW))
        self._done(self.admin.create_acls(bindings))

    # Records.

    @property
    def producer(self):
        if self._producer is None:
            self._producer = Producer({
                "bootstrap.servers": self.bootstrap, "enable.idempotence": True, "linger.ms": 0, "log_level": 0,
                "message.max.bytes": 5 << 20})
        return self._producer

    def produce(self, topic, values, partition=None, timestamp=None, key=None, timeout=PATIENCE):
        """Appends records and waits until the cluster has them. Returns their (partition, offset)s, in order."""
        places, failures = {}, []
        for number, value in enumerate(values):
            def delivered(error, message, number=number):
                if error:
                    failures.append(error)
                else:
                    places[number] = message.partition(), message.offset()
            more = {} if timestamp is None else {"timestamp": timestamp}
            if partition is not None:
                more["partition"] = partition
            while True:
                try:
                    self.producer.produce(topic, value, key, on_delivery=delivered, **more)
                    break
                except BufferError:
                    self.producer.poll(0.1)
        self.producer.flush(timeout)
        assert not failures and len(places) == len(values), failures or "not all records were acknowledged in time"
        return [places[number] for number in range(len(values))]

    def records(self, topic):
        """What the cluster holds of a topic, as kcat reads it: (partition, offset, timestamp, value) of each."""
        done = subprocess.run(
            ["kcat", "-C", "-b", self.bootstrap, "-t", topic, "-o", "beginning", "-e", "-q", "-f", r"%p\t%o\t%T\t%s\n"],
            capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        records = []
        for line in done.stdout.split(b"\n")[:-1]:
            partition, offset, timestamp, value = line.split(b"\t", 3)
            records.append((int(partition), int(offset), int(timestamp), value))
        return records


class Feeding(threading.Thread):
    """Appends events to a topic a few at a time until it is stopped; what the cluster did not take at first it gets later."""

    def __init__(self, cluster, topic, make, every=0.02, most=8):
        super().__init__(daemon=True)
        self.make, self.every, self.most, self.topic = make, every, most, topic
        # Its own: an idempotent producer that outlives what happens to the brokers.
        self.producer = Producer({
            "bootstrap.servers": cluster.bootstrap, "enable.idempotence": True, "linger.ms": 0, "log_level": 0,
            "message.timeout.ms": 120_000, "reconnect.backoff.max.ms": 500})
        self.ended = threading.Event()
        self.acknowledged = 0
        self.failures = []

    def run(self):
        number = 0
        while not self.ended.is_set():
            for _ in range(1 + number % self.most):
                key, value = self.make()
                self.producer.produce(self.topic, value, key, on_delivery=self._delivered)
                number += 1
            self.producer.poll(0)
            self.ended.wait(self.every)

    def _delivered(self, error, message):
        if error:
            self.failures.append(error)
        else:
            self.acknowledged += 1

    def stop(self):
        """Returns how many records the cluster has from it."""
        self.ended.set()
        self.join(PATIENCE)
        rest = self.producer.flush(60)
        assert not rest and not self.failures, (rest, self.failures[:3])
        return self.acknowledged


# Certificates

class Certificates:
    """An authority, a broker's certificate for 127.0.0.1, and a client's."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.authority, self.authority_key = self.directory / "ca.pem", self.directory / "ca.key"
        self._openssl("req", "-x509", *self._new(self.authority_key), "-out", self.authority, "-days", 2,
                      "-subj", "/CN=test authority")
        self.broker = self._issue("broker", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self.client = self._issue(USER, "extendedKeyUsage=clientAuth")
        self.client_key = self.directory / f"{USER}.key"

    def _new(self, key):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key

    def _openssl(self, *words):
        done = subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr.decode()

    def _issue(self, name, extension):
        key, request, certificate, extensions = (self.directory / f"{name}.{end}" for end in ("key", "csr", "pem", "ext"))
        extensions.write_text(extension + "\n")
        self._openssl("req", *self._new(key), "-out", request, "-subj", f"/CN={name}")
        self._openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self.authority_key,
                      "-CAcreateserial", "-days", 2, "-extfile", extensions, "-out", certificate)
        return certificate

    @property
    def listener_settings(self):
        both = self.directory / "broker-both.pem"
        both.write_text((self.directory / "broker.key").read_text() + self.broker.read_text())
        return {
            "ssl.keystore.type": "PEM", "ssl.keystore.location": both,
            "ssl.truststore.type": "PEM", "ssl.truststore.location": self.authority,
        }


PLAIN_LOGIN = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    f'username="admin" password="admin-secret" user_admin="admin-secret" user_{USER}="{PASSWORD}";')


# Fixtures

def _require():
    if not (SHARED / "kafka" / "libs").is_dir():
        pytest.skip(f"no Kafka to run: there is no {SHARED}/kafka/libs; set EVENTSTREAMS_SHARED")
    for program in ("java", "kcat"):
        if not shutil.which(program):
            pytest.skip(f"no {program}; script/setup --tests installs it")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def proxied_port():
    """The port at which a fault proxy stands before the broker, in the tests that start one."""
    return free_ports(1)[0]


@pytest.fixture(scope="session")
def _broker(tmp_path_factory, certificates, proxied_port):
    _require()
    listeners = [
        Listener("PROXIED", advertised=proxied_port),
        Listener("PASSWORD", "SASL_SSL", certificates.listener_settings | {
            "sasl.enabled.mechanisms": "PLAIN", "plain.sasl.jaas.config": PLAIN_LOGIN}),
        Listener("MUTUAL", "SSL", certificates.listener_settings | {"ssl.client.auth": "required"}),
    ]
    cluster = Cluster(
        tmp_path_factory.mktemp("kafka") / "broker", listeners=listeners,
        authorizer_class_name="org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        super_users="User:ANONYMOUS;User:admin")
    cluster.listener = {listener.name: listener for listener in cluster.nodes[0].listeners}
    try:
        yield cluster.start()
    finally:
        cluster.close()


@pytest.fixture
def broker(_broker):
    """A cluster of one node, which all tests share; it runs when a test begins, whatever the one before did to it."""
    if not _broker.nodes[0].is_alive():
        _broker.restart()
    return _broker


@pytest.fixture
def second_broker(tmp_path):
    """Another cluster of one node, of this test alone."""
    _require()
    cluster = Cluster(tmp_path / "second")
    try:
        yield cluster.start()
    finally:
        cluster.close()


@pytest.fixture
def three_nodes(tmp_path):
    """A cluster of three nodes that has a record on two of them before it acknowledges it."""
    _require()
    cluster = Cluster(tmp_path / "cluster", nodes=3)
    try:
        yield cluster.start()
    finally:
        cluster.close()


@pytest.fixture
def topic(request):
    """A name that no other test uses."""
    return f"dc1.test.{request.node.name.split('[')[0].removeprefix('test_')[:40]}.{uuid.uuid4().hex[:6]}"


# Servers on them

STREAM = "test.change"


@pytest.fixture
def serve(tmp_path, topic):
    """Starts servers on a cluster, of one stream, which has the test's topic unless told otherwise."""
    servers = []

    def serve(cluster, name="server", *, streams=None, settings=None, bootstrap=None, is_awaited=True, **options):
        streams = streams or {STREAM: {
            "topics": [topic], "partitions": 3, "message_key_fields": {"wiki": "wiki"}, "stream_aliases": ["change"]}}
        settings = {"kafka.topic_refresh": "1s", "http.max_connections_per_address": 0} | (settings or {})
        server = Server(
            tmp_path / name, streams=streams, settings=settings,
            options=["--kafka", bootstrap or cluster.bootstrap], **options)
        servers.append(server)
        if is_awaited:
            return server.start()
        server.launch()
        return server

    yield serve
    for server in servers:
        server.kill()
