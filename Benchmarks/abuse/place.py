"""Where the server is that is abused, and what it has."""

import dataclasses
import http.client
import json
import os
import pathlib
import re
import socket

# Everybody has an address: what limits an abuser's must not limit the others'.
ABUSER, READERS, OTHERS = "127.0.0.3", "127.0.2.", "127.0.0.4"
# How long anything may take. It bounds a hang and measures nothing.
PATIENCE = 30

LIVE, WIDE, LARGE = "abuse.live", "abuse.wide", "abuse.large"
STREAMS = {
    LIVE: {"topics": [LIVE], "partitions": 1},
    WIDE: {"topics": [WIDE], "partitions": 60, "message_key_fields": {"key": "key"}},
    LARGE: {"topics": [LARGE], "partitions": 1},
} | {f"abuse.near-{number}": {"topics": [f"abuse.near-{number}"], "partitions": 1} for number in range(200)}


@dataclasses.dataclass
class Place:
    """The ports of a server on 127.0.0.1, and its process."""

    port: int
    intake: int
    admin: int
    pid: int
    # Where it speaks TLS; 0: nowhere.
    tls: int = 0

    def ask(self, path):
        """The status and the text of an answer of the admin port."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, PATIENCE, source_address=(OTHERS, 0))
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def metric(self, name):
        """The sum of a metric's samples; the server makes them anew once a second."""
        status, text = self.ask("/metrics")
        if status != 200:
            raise OSError(f"/metrics was answered {status}")
        return sum(float(line.split()[-1]) for line in text.splitlines() if re.match(rf"{name}[ {{]", line))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident_bytes(self):
        return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{self.pid}/status").read_text())[1]) * 1024

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_alive(self):
        try:
            return pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def post(self, connection, events):
        """The places of events that were acknowledged, all of them."""
        body = json.dumps(events, separators=(",", ":")).encode()
        connection.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise OSError(f"a post was answered {answer.status}: {text[:300]!r}")
        return json.loads(text)["events"]

    def fill(self, small=3000, large=8):
        """Stores a history worth asking for."""
        connection = http.client.HTTPConnection("127.0.0.1", self.intake, PATIENCE, source_address=(OTHERS, 0))
        for start in range(0, small, 500):
            self.post(connection, [
                {"key": f"key-{number}", "text": "x" * 300, "meta": {"stream": WIDE, "id": f"wide-{number}"}}
                for number in range(start, start + 500)])
        for number in range(large):
            self.post(connection, [{"text": "x" * 900_000, "meta": {"stream": LARGE, "id": f"large-{number}"}}])
        connection.close()


def connect(port, source, timeout=PATIENCE, receive_buffer=None):
    """A connection from an address of the loopback network."""
    connection = socket.socket()
    try:
        connection.settimeout(timeout)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        # The port is chosen when the other side is known: so there are enough for each address.
        connection.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
        connection.bind((source, 0))
        connection.connect(("127.0.0.1", port))
        return connection
    except OSError:
        connection.close()
        raise
