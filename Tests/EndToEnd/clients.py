"""A plain client over a socket, which sees every byte, and the reading of its streams."""

import dataclasses
import json
import re
import socket
import time
import urllib.parse
import zlib

# How long a client waits for what must come. It bounds a hang and measures nothing.
PATIENCE = 30


@dataclasses.dataclass
class Frame:
    """One event of an event stream, or one comment."""

    type: str = "message"
    id: str | None = None
    data: str | None = None
    retry: str | None = None
    comment: str | None = None

    @property
    def json(self):
        return json.loads(self.data)

    @property
    def place(self):
        meta = self.json["meta"]
        return meta["topic"], meta["partition"], meta["offset"]


@dataclasses.dataclass
class Response:
    """An HTTP answer that was read to its end."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def address(url):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port


def connect(url, receive_buffer=None, timeout=PATIENCE):
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(timeout)
    connection.connect(address(url))
    return connection


def request_bytes(target, method="GET", headers=(), host="test.example", body=b""):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in dict(headers).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def receive(connection, timeout=PATIENCE):
    """Reads until the other side closes."""
    deadline = time.monotonic() + timeout
    connection.settimeout(timeout)
    received = []
    try:
        while chunk := connection.recv(1 << 20):
            received.append(chunk)
            if time.monotonic() > deadline:
                raise TimeoutError(f"it did not end within {timeout} s; it began: {received[0][:300]!r}")
    except ConnectionResetError:
        pass
    return b"".join(received)


def exchange(url, request, timeout=PATIENCE):
    """Sends bytes, reads until the server closes."""
    with connect(url, timeout=timeout) as connection:
        try:
            connection.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return receive(connection, timeout)


def parse_head(received):
    head, _, rest = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    status = int(re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", first)[1])
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, rest


def ask(url, target, method="GET", headers=(), timeout=PATIENCE):
    """One request with `Connection: close`, read to the end."""
    received = exchange(url, request_bytes(target, method, dict(headers) | {"Connection": "close"}), timeout)
    status, headers, body = parse_head(received)
    return Response(status, headers, Chunks().feed(body) if headers.get("transfer-encoding") == "chunked" else body)


class Chunks:
    """Takes HTTP's chunks off a body, whatever pieces it comes in."""

    def __init__(self):
        self.buffer = b""
        self.is_finished = False

    def feed(self, received):
        self.buffer += received
        body, place = [], 0
        while not self.is_finished:
            line_end = self.buffer.find(b"\r\n", place)
            if line_end < 0:
                break
            start = line_end + 2
            end = start + int(self.buffer[place:line_end], 16)
            if len(self.buffer) < end + 2:
                break
            assert self.buffer[end:end + 2] == b"\r\n"
            body.append(self.buffer[start:end])
            self.is_finished = start == end
            place = end + 2
        self.buffer = self.buffer[place:]
        return b"".join(body)


class Frames:
    """Reads an event stream (WHATWG HTML, section 9.2) of the strict form this server writes: LF, one field a line.

    A comment and a `retry` are frames by themselves. No blank line follows them, but for the one behind the first comment.
    """

    def __init__(self):
        self.buffer = b""
        self.block = []

    def feed(self, body):
        self.buffer += body
        *lines, self.buffer = self.buffer.split(b"\n")
        frames = []
        for line in lines:
            line = line.decode()
            if not line:
                assert self.block, "a blank line where no event ends"
                if self.block != [":ok"]:
                    frames.append(self._event(self.block))
                self.block = []
            elif line.startswith((":", "retry: ")):
                assert not self.block, "an event's lines stand together"
                name, _, value = line.partition(":")
                frames.append(Frame(retry=value[1:]) if name else Frame(comment=value))
                if line == ":ok":
                    self.block = [line]
            else:
                self.block.append(line)
        return frames

    @staticmethod
    def _event(lines):
        frame = Frame()
        for line in lines:
            name, _, value = line.partition(": ")
            match name:
                case "event": frame.type = value
                case "id": frame.id = value
                case "data":
                    assert frame.data is None, "an event's data is on one line"
                    frame.data = value
                case _: raise AssertionError(f"a line that is no field: {line[:200]!r}")
        return frame


class Stream:
    """One request for a stream, decompressed where it came in gzip. `frames` reads on."""

    def __init__(self, url, target, headers=(), receive_buffer=None, timeout=PATIENCE):
        self.timeout = timeout
        self.connection = connect(url, receive_buffer, timeout)
        self.connection.sendall(request_bytes(target, headers=headers))
        self.chunks, self.parser = Chunks(), Frames()
        self.status, self.headers = None, {}
        # Where the body is in gzip. One member, from the first byte to the last.
        self.inflater = None
        # Bytes of the body, as they came and unpacked.
        self.transferred = self.unpacked = 0
        self.head = b""
        self.ended = False
        self.last_id = None
        self._body = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.connection.close()

    def receive(self, most=65536):
        """Reads once. Returns the body's new bytes; at the end none, and `ended` is set."""
        chunk = self.connection.recv(most)
        if not chunk:
            self.ended = True
            return b""
        if self.status is None:
            self.head += chunk
            if b"\r\n\r\n" not in self.head:
                return b""
            self.status, self.headers, chunk = parse_head(self.head)
            assert self.status == 200, self.head.decode("latin-1")
            if self.headers.get("content-encoding") == "gzip":
                self.inflater = zlib.decompressobj(31)
        body = self.chunks.feed(chunk) if self.headers.get("transfer-encoding") == "chunked" else chunk
        if self.chunks.is_finished:
            self.ended = True
        self.transferred += len(body)
        if self.inflater:
            body = self.inflater.decompress(body)
        self.unpacked += len(body)
        return body

    def body(self):
        """The body's pieces, to its end."""
        deadline = time.monotonic() + self.timeout
        while not self.ended:
            assert time.monotonic() < deadline, "the stream did not end in time"
            yield self.receive()

    def frames(self):
        """The stream's events and comments, to its end."""
        while not self.ended:
            for frame in self.parser.feed(self.receive()):
                if frame.id is not None:
                    self.last_id = frame.id
                yield frame

    def events(self, count=None):
        """Its messages, so many of them, or all to the end of the stream. A gap that nobody asked for is a failure."""
        deadline = time.monotonic() + self.timeout
        events = []
        while count is None or len(events) < count:
            if not hasattr(self, "_iterator"):
                self._iterator = self.frames()
            frame = next(self._iterator, None)
            if frame is None:
                assert count is None, f"the stream ended after {len(events)} of {count} events"
                break
            assert frame.type not in ("gap", "error"), frame
            if frame.data is not None:
                events.append(frame)
            assert time.monotonic() < deadline, f"only {len(events)} of {count} events came in time"
        return events


def read_events(url, target, count=None, headers=(), timeout=PATIENCE):
    with Stream(url, target, headers, timeout=timeout) as stream:
        return stream.events(count)


def check_order(frames):
    """Fails unless each partition's offsets rise by one; returns the offsets by partition."""
    offsets = {}
    for frame in frames:
        topic, partition, offset = frame.place
        offsets.setdefault((topic, partition), []).append(offset)
    for partition, list_ in offsets.items():
        assert list_ == list(range(list_[0], list_[0] + len(list_))), (partition, list_)
    return offsets
