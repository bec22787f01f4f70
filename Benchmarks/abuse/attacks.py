"""The attacks. Each is one step, which is taken over and over until the attack's time, or its count of requests, is over."""

import functools
import itertools
import json
import socket
import struct
import time

from . import multiplexed
from .place import ABUSER, LARGE, LIVE, WIDE, connect

# What one abuser asks in a second: as much as a program in Python can on a core that it shares with all the others.
REQUESTS_A_SECOND = 4_000
# Closing with this resets the connection.
RESET = struct.pack("ii", 1, 0)


def request(target, method="GET", *fields):
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: abuse", *fields]).encode() + b"\r\n\r\n"


class Attacker:
    """Who attacks, and what it holds."""

    def __init__(self, place, seconds, connections, most):
        self.place, self.connections, self.most = place, connections, most
        self.began = time.monotonic()
        self.deadline = self.began + seconds
        self.requests = self.failures = 0
        self.held, self.leaving = {}, []
        self.weeded = time.monotonic()

    def is_over(self):
        return time.monotonic() > self.deadline or self.requests >= self.most

    def is_ahead(self):
        """An attack lasts for its whole time, and so is not over when its requests are sent at once."""
        return self.requests > (time.monotonic() - self.began) * REQUESTS_A_SECOND + 100

    def connect(self, port=None, receive_buffer=None):
        return connect(port or self.place.port, ABUSER, timeout=2, receive_buffer=receive_buffer)

    def send(self, connection, data):
        self.requests += 1
        connection.sendall(data)

    def send_and_reset(self, data):
        """Resets when some more have been sent: a reset takes away what the server has not read yet."""
        connection = self.connect()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.leaving.append(connection)
        self.send(connection, data)
        if len(self.leaving) > 20:
            self.leaving.pop(0).close()

    def send_and_read(self, data, port=None):
        with self.connect(port) as connection:
            self.send(connection, data)
            connection.recv(65536)

    def hold(self, first=b"", port=None, receive_buffer=None):
        """One more connection that stays, on which this was sent; where there are enough, those that have ended are let go."""
        if len(self.held) < self.connections:
            connection = self.connect(port, receive_buffer)
            self.held[connection] = b""
            self.requests += 1
            connection.sendall(first)
            connection.setblocking(False)
            return connection
        time.sleep(0.02)
        if time.monotonic() > self.weeded + 0.5:
            self.weeded = time.monotonic()
            for connection in list(self.held):
                self.weed(connection)
        return None

    def weed(self, connection):
        try:
            if connection.recv(1, socket.MSG_PEEK):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.drop(connection)

    def drop(self, connection):
        self.held.pop(connection, None)
        connection.close()

    def trickle(self, first, byte, port=None):
        """Sends a beginning on many connections, and then byte after byte."""
        if not self.hold(first, port):
            for connection in list(self.held):
                try:
                    connection.send(byte)
                except BlockingIOError:
                    pass
                except OSError:
                    self.drop(connection)
            time.sleep(0.1)

    def pipeline(self, requests, reads=True, first=b"", most=50):
        """Keeps connections full of requests, which are sent as far as they are taken. requests: or what makes a connection's."""
        if len(self.held) < min(self.connections, most):
            self.hold(first)
        has_moved = False
        for connection in list(self.held):
            try:
                has_moved |= self._pump(connection, requests, reads)
            except OSError:
                self.failures += 1
                self.drop(connection)
        if not has_moved:
            time.sleep(0.005)

    def _pump(self, connection, requests, reads):
        has_moved = False
        if not self.held[connection]:
            batch = requests(connection) if callable(requests) else requests
            self.held[connection] = b"".join(batch)
            self.requests += len(batch)
        try:
            sent = connection.send(self.held[connection])
            self.held[connection] = self.held[connection][sent:]
            has_moved = True
        except BlockingIOError:
            pass
        try:
            if reads:
                if not connection.recv(1 << 20):
                    raise ConnectionResetError
                has_moved = True
        except BlockingIOError:
            pass
        return has_moved

    def close(self):
        for connection in self.leaving:
            connection.close()
        for connection in list(self.held):
            self.drop(connection)


def last_and_reset(a):
    """?last=10000 of 60 partitions, reset at once"""
    a.send_and_reset(request(f"/v2/stream/{WIDE}?last=10000"))


def since_and_reset(a):
    """?since= over 60 partitions, reset at once"""
    a.send_and_reset(request(f"/v2/stream/{WIDE}?since=PT{a.requests % 50 + 1}M"))


def silent(a):
    """connections that say nothing"""
    a.hold()


def idle(a):
    """connections that wait after one request"""
    a.hold(request("/nothing"))


def near_names(a):
    """404s with three unknown names near 200 known ones, pipelined"""
    a.pipeline([request(f"/v2/stream/abuse.naer-{n},abuse.neer-{n},abose.near-{n}") for n in range(20)])


def documents(a):
    """the large documents, pipelined"""
    a.pipeline([request("/?spec"), request("/v2/stream"), request("/v2/ui/")] * 5)


def unread(a):
    """the same, and no answer is read"""
    a.pipeline([request("/?spec"), request("/v2/stream")] * 10, reads=False)


def stopped_readers(a):
    """readers that stop inside events of a megabyte"""
    connection = a.hold(request(f"/v2/stream/{LARGE}?since=PT1H"), receive_buffer=4096)
    if connection:
        connection.settimeout(2)
        connection.recv(2000)
        connection.setblocking(False)


def slow_heads(a):
    """heads of requests, byte after byte"""
    a.trickle(request("/")[:-2] + b"X: ", b"y")


def slow_bodies(a):
    """bodies of requests, byte after byte, to the streams' port"""
    a.trickle(request("/v2/stream", "POST", "Content-Length: 1000000") + b"[" * 1000, b"[")


def slow_posts(a):
    """bodies of posts, byte after byte, to the intake"""
    a.trickle(request("/v1/events", "POST", "Content-Type: application/json", "Content-Length: 1000000") + b" " * 1000,
              b" ", a.place.intake)


def connect_and_close(a):
    """connections that end at once"""
    a.requests += 1
    a.connect().close()


@functools.cache
def large_heads():
    """Made once, as an abuser would: what making them takes is no attack."""
    return [request("/", "GET", *fields) for fields in ([f"X-{n}: y" for n in range(5000)], ["X: " + "y" * 1_000_000])]


def header_bombs(a):
    """heads of a megabyte, and of 5,000 fields"""
    a.send_and_read(large_heads()[a.requests % 2])


@functools.cache
def heads_with_ids():
    entries = [{"topic": WIDE, "partition": n % 60, "offset": n, "timestamp": n} for n in range(256)]
    ids = [json.dumps(entries), json.dumps(entries[:60]), json.dumps(entries * 2), "[" * 10_000, '[{"topic":"', "9" * 5000,
           json.dumps([{"topic": f"t{n}", "partition": -n, "offset": 1 << 62} for n in range(256)])]
    return [request(f"/v2/stream/{WIDE}", "GET", f"Last-Event-ID: {id}") for id in ids]


def id_bombs(a):
    """ids of 256 entries, and ids that are none"""
    a.send_and_reset(heads_with_ids()[a.requests % len(heads_with_ids())])


def heads_and_options(a):
    """HEAD and OPTIONS, pipelined"""
    a.pipeline([request(f"/v2/stream/{LIVE}", "HEAD"), request("/v2/stream", "OPTIONS"), request("/?spec", "HEAD")] * 10)


@functools.cache
def posts_to_refuse():
    bodies = [b"[" * 1_000_000, b'{"meta":{"stream":"abuse.none"}}', b"\xff" * 1000, b'{"a":' * 5000, b"1" * 5_000_000,
              json.dumps([{"meta": {"stream": LIVE, "id": n}} for n in range(5000)]).encode()]
    return [request("/v1/events", "POST", "Content-Type: application/json", f"Content-Length: {len(body)}") + body for body in bodies]


def bad_posts(a):
    """posts that are too large, and no JSON"""
    a.send_and_read(posts_to_refuse()[a.requests % len(posts_to_refuse())], a.place.intake)


def busy_core(a):
    """no attack: a process that uses a core and sends nothing, which is what others notice of the machine alone"""
    while not a.is_over():
        pass


ATTACKS = {step.__name__.replace("_", "-"): step for step in (
    last_and_reset, since_and_reset, silent, idle, near_names, documents, unread, stopped_readers, slow_heads, slow_bodies,
    slow_posts, connect_and_close, header_bombs, id_bombs, heads_and_options, bad_posts, *multiplexed.ATTACKS)}

# What the others' times are to be compared with, on a machine that has few cores for the server, those who read, and who attacks.
YARDSTICKS = {"busy-core": busy_core}


def run(name, place, seconds, connections, most, pipe):
    """A process of its own: tells how much it did and what that took it. Waits for a word before it lets go."""
    step = (ATTACKS | YARDSTICKS)[name]
    attacker = Attacker(place, seconds, connections, most)
    for _ in itertools.count():
        if attacker.is_over():
            break
        if attacker.is_ahead():
            time.sleep(0.001)
            continue
        try:
            step(attacker)
        except OSError:
            # Refused or cut off: what an abuser is to get.
            attacker.failures += 1
            time.sleep(0.001)
    # What is held is held for the whole time, though it is all sent.
    while time.monotonic() < attacker.deadline and attacker.held:
        time.sleep(0.01)
    pipe.send({"requests": attacker.requests, "failures": attacker.failures, "cpu": time.process_time()})
    attacker.close()
