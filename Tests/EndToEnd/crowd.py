"""A crowd of clients of one stream in one thread, up to thousands: HTTP/1.1 and HTTP/2, in the clear and over TLS.

Each comes back after the time that it was told, with the last id that it was told, at whichever server lets it in.
"""

import collections
import dataclasses
import random
import re
import resource
import selectors
import socket
import ssl
import threading
import time

import h2.config
import h2.connection
import h2.events
import h2.settings

from clients import Chunks

# How many wait for an answer at once.
WAITING = 200
# Clients of one address, and of one HTTP/2 connection.
SHARING = 20


@dataclasses.dataclass(frozen=True)
class Kind:
    """How clients speak. is_multiplexed: by HTTP/2."""

    name: str
    is_secure: bool
    is_multiplexed: bool


KINDS = [Kind("HTTP/1.1", False, False), Kind("HTTP/1.1 over TLS", True, False), Kind("HTTP/2", False, True),
         Kind("HTTP/2 over TLS", True, True)]


class Follower:
    """A client: which events it was sent, over all its connections, and when it was without one."""

    __slots__ = ("address", "kind", "buffer", "last_id", "retry", "numbers", "others", "left", "away", "attempts")

    def __init__(self, address, kind):
        self.address, self.kind = address, kind
        self.buffer, self.last_id, self.retry = b"", None, 1.0
        self.numbers, self.others = [], []
        # When its stream ended, and for how long it then had none: monotonic seconds.
        self.left, self.away, self.attempts = None, [], 0

    def began(self, now):
        if self.left is not None:
            self.away.append((self.left, now))
            self.left = None
        self.buffer = b""

    def feed(self, body):
        """An event counts once its blank line is there, and a `retry` by itself."""
        *lines, self.buffer = (self.buffer + body).split(b"\n")
        kept = []
        for line in lines:
            if line.startswith(b"retry: "):
                self.retry = int(line[7:]) / 1000
            elif line:
                kept.append(line)
            else:
                self._event(kept)
                kept = []
        if kept:
            self.buffer = b"\n".join([*kept, self.buffer])

    def _event(self, lines):
        fields = dict(line.split(b": ", 1) for line in lines if not line.startswith(b":"))
        if b"event" in fields and fields[b"event"] != b"message":
            self.others.append(fields)
        elif fields.get(b"data"):
            self.numbers.append(int(re.search(rb'"number":(\d+)', fields[b"data"])[1]))
        if b"id" in fields:
            self.last_id = fields[b"id"]


class Connection:
    """A socket that is connected, and secured where that is asked for, before its first request is sent."""

    def __init__(self, crowd, kind, address, port):
        self.crowd, self.kind, self.is_closed = crowd, kind, False
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.bind((address, 0))
        self.socket.connect_ex(("127.0.0.1", port))
        self.outbound = b""
        if kind.is_secure:
            self.socket = crowd.contexts[kind.is_multiplexed].wrap_socket(self.socket, do_handshake_on_connect=False,
                                                                           server_hostname="test.example")
        self.is_shaken = not kind.is_secure
        self.events = selectors.EVENT_READ | selectors.EVENT_WRITE
        crowd.selector.register(self.socket, self.events, self)

    def ready(self, events):
        try:
            if events & selectors.EVENT_WRITE and not self.outbound and self.is_shaken:
                # Connected, if nothing else is to be sent.
                if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise OSError("refused")
            if not self.is_shaken:
                self.socket.do_handshake()
                self.is_shaken = True
            while True:
                received = self.socket.recv(1 << 16)
                if not received:
                    return self.close()
                self.take(received)
                if self.is_closed:
                    return None
        except (ssl.SSLWantReadError, BlockingIOError):
            self._send(selectors.EVENT_READ)
        except ssl.SSLWantWriteError:
            self._wait_for(selectors.EVENT_READ | selectors.EVENT_WRITE)
        except OSError:
            self.close()

    def _send(self, events):
        try:
            while self.outbound and self.is_shaken:
                self.outbound = self.outbound[self.socket.send(self.outbound):]
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError, BlockingIOError):
            events |= selectors.EVENT_WRITE
        except OSError:
            return self.close()
        self._wait_for(events)

    def send(self, data):
        self.outbound += data
        if self.outbound and not self.is_closed:
            self._wait_for(selectors.EVENT_READ | selectors.EVENT_WRITE)

    def _wait_for(self, events):
        if events != self.events and not self.is_closed:
            self.events = events
            self.crowd.selector.modify(self.socket, events, self)

    def close(self):
        if not self.is_closed:
            self.is_closed = True
            self.crowd.selector.unregister(self.socket)
            self.socket.close()
            self.ended()


class PlainConnection(Connection):
    """HTTP/1.1: one client's."""

    def __init__(self, crowd, follower, port):
        super().__init__(crowd, follower.kind, follower.address, port)
        self.follower, self.head, self.chunks = follower, b"", None
        last = b"Last-Event-ID: %s\r\n" % follower.last_id if follower.last_id else b""
        self.send(b"GET %s HTTP/1.1\r\nHost: test.example\r\n%s\r\n" % (crowd.target, last))

    def take(self, received):
        if self.chunks is None:
            self.head += received
            head, end, received = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 200 "):
                self.crowd.refused[head[9:12]] += 1
                return self.close()
            self.chunks = Chunks()
            self.crowd.answered(self.follower)
        self.follower.feed(self.chunks.feed(received))
        if self.chunks.is_finished:
            self.close()

    def ended(self):
        self.crowd.left(self.follower)


class SharedConnection(Connection):
    """HTTP/2: of several clients, each with a stream.

    A GOAWAY is noted and kept from the library, which would take no more data after it, though its streams may go on.
    """

    GOAWAY = 7

    def __init__(self, crowd, followers, port):
        super().__init__(crowd, followers[0].kind, followers[0].address, port)
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding=None))
        self.http.initiate_connection()
        self.http.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1 << 24})
        self.http.increment_flow_control_window(1 << 28)
        self.streams, self.frames = {}, b""
        for follower in followers:
            stream = self.http.get_next_available_stream_id()
            self.streams[stream] = follower
            last = [(b"last-event-id", follower.last_id)] if follower.last_id else []
            self.http.send_headers(stream, [
                (b":method", b"GET"), (b":scheme", b"https" if self.kind.is_secure else b"http"),
                (b":authority", b"test.example"), (b":path", crowd.target), *last], end_stream=True)
        self.send(self.http.data_to_send())

    def take(self, received):
        for event in self.http.receive_data(self._without_goaway(received)):
            if isinstance(event, h2.events.ResponseReceived):
                status = dict(event.headers)[b":status"]
                if status == b"200":
                    self.crowd.answered(self.streams[event.stream_id])
                else:
                    self.crowd.refused[status] += 1
            elif isinstance(event, h2.events.DataReceived):
                self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if follower := self.streams.get(event.stream_id):
                    follower.feed(event.data)
            elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)):
                if follower := self.streams.pop(event.stream_id, None):
                    self.crowd.left(follower)
        self.send(self.http.data_to_send())
        if not self.streams:
            self.close()

    def _without_goaway(self, received):
        """Whole frames (RFC 9113, section 4.1); what is behind them is kept."""
        self.frames += received
        kept, place = [], 0
        while len(self.frames) - place >= 9:
            end = place + 9 + int.from_bytes(self.frames[place:place + 3], "big")
            if end > len(self.frames):
                break
            if self.frames[place + 3] == self.GOAWAY:
                self.crowd.goaways += 1
            else:
                kept.append(self.frames[place:end])
            place = end
        self.frames = self.frames[place:]
        return b"".join(kept)

    def ended(self):
        for follower in self.streams.values():
            self.crowd.left(follower)


class Crowd(threading.Thread):
    """ports: of each server, in the clear and by TLS. Clients begin at one of them each and go on at the other where they must."""

    def __init__(self, ports, target, count):
        super().__init__(daemon=True)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.ports, self.target = ports, target.encode()
        self.contexts = [self._context("http/1.1"), self._context("h2")]
        self.selector, self.dice = selectors.DefaultSelector(), random.Random(1)
        # Clients of one kind and of one address follow one another.
        self.followers = [
            Follower(f"127.2.{number // SHARING // 200}.{number // SHARING % 200 + 1}", KINDS[number // SHARING % len(KINDS)])
            for number in range(count)]
        # Those who are to come, by when; those who may come now; those who wait for their answer; those with a stream.
        self.later, self.due = [], collections.deque(self.followers)
        self.waiting, self.present = set(), set()
        self.refused, self.goaways, self.failure = collections.Counter(), 0, None
        self.ending = threading.Event()

    @staticmethod
    def _context(protocol):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols([protocol])
        return context

    def run(self):
        try:
            while not self.ending.is_set():
                self._begin()
                for key, events in self.selector.select(0.02):
                    if not key.data.is_closed:
                        key.data.ready(events)
        except Exception as failure:
            self.failure = failure
            raise
        finally:
            for key in list(self.selector.get_map().values()):
                key.fileobj.close()

    def _begin(self):
        now = time.monotonic()
        self.due.extend(follower for at, follower in self.later if at <= now)
        self.later = [(at, follower) for at, follower in self.later if at > now]
        while self.due and len(self.waiting) < WAITING:
            first = self.due.popleft()
            together = [first]
            while first.kind.is_multiplexed and self.due and self.due[0].address == first.address:
                together.append(self.due.popleft())
            # At the other server each time.
            port = self.ports[(int(first.address.rpartition(".")[2]) + first.attempts) % len(self.ports)][first.kind.is_secure]
            for follower in together:
                follower.attempts += 1
                self.waiting.add(follower)
            SharedConnection(self, together, port) if first.kind.is_multiplexed else PlainConnection(self, first, port)

    def answered(self, follower):
        self.waiting.discard(follower)
        self.present.add(follower)
        follower.began(time.monotonic())

    def left(self, follower):
        now = time.monotonic()
        if follower in self.present:
            self.present.discard(follower)
            follower.left = now
        self.waiting.discard(follower)
        self.later.append((now + follower.retry, follower))
