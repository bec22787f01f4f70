"""What one more client costs a server: the same events go to a few clients and to many more.

One event at a time: each is published when every client has read the one before. So nothing here depends on how fast
anything is, and nothing is sent together that need not be.
"""

import collections
import socket
import zlib

PATIENCE = 120
# Once in each event.
MARK = b'"number":'
FORMATS = {
    "SSE": {}, "SSE in gzip": {"Accept-Encoding": "gzip", "User-Agent": "eventstreams"},
    "NDJSON": {"Accept": "application/x-ndjson"}}


class Client:
    """A client that reads a stream as far as it is asked to."""

    def __init__(self, port, target, headers):
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        lines = [f"GET {target} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
        self.connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.waiting, self.rest, self.events = b"", b"", 0
        self.inflater = None
        while b"\r\n\r\n" not in self.waiting:
            received = self.connection.recv(1 << 16)
            assert received, f"the server closed after {self.waiting!r}"
            self.waiting += received
        head, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ") and b"\r\nTransfer-Encoding: chunked" in head, head
        if headers.get("Accept-Encoding"):
            assert b"\r\nContent-Encoding: gzip" in head, head
            self.inflater = zlib.decompressobj(31)

    def read_event(self):
        """Returns when one more event was read."""
        wanted = self.events + 1
        self.take_chunks()
        while self.events < wanted:
            received = self.connection.recv(1 << 16)
            assert received, f"the stream ended after {self.events} events"
            self.waiting += received
            self.take_chunks()

    def take_chunks(self):
        while (line := self.waiting.find(b"\r\n")) >= 0:
            start = line + 2
            end = start + int(self.waiting[:line], 16)
            if len(self.waiting) < end + 2:
                return
            body = self.waiting[start:end]
            self.waiting = self.waiting[end + 2:]
            text = self.rest + (self.inflater.decompress(body) if self.inflater else body)
            self.events += text.count(MARK)
            self.rest = text[1 - len(MARK):]


def cost(counted, publish, connect, *, fewer, more, events, first=20):
    """What an event costs for each client, and what it costs beside that, by whatever is counted.

    counted -- calls what it is given and returns, by name, what was counted meanwhile
    publish -- stores an event
    connect -- returns one more client
    first -- events before anything is counted, in which buffers grow to their size
    """
    clients = []

    def send(number):
        for _ in range(number):
            publish()
            for client in clients:
                client.read_event()

    def run(number):
        while len(clients) < number:
            clients.append(connect())
        send(first)
        return counted(lambda: send(events))

    try:
        few, many = run(fewer), run(more)
    finally:
        for client in clients:
            client.connection.close()
    each, beside = collections.Counter(), collections.Counter()
    for name in few.keys() | many.keys():
        each[name] = (many.get(name, 0) - few.get(name, 0)) / events / (more - fewer)
        beside[name] = few.get(name, 0) / events - fewer * each[name]
    return each, beside
