"""A proxy between one client and a server: it cuts streams inside an event, and holds requests while the server is away."""

import re
import select
import socket
import struct
import threading

from server import PATIENCE

HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) .*?\r\n\r\n", re.DOTALL)
# Closing with this resets the connection: what the other side has not read yet is lost to it.
RESET = struct.pack("ii", 1, 0)


class Connection:
    """What went through: the client's requests as they came, and all that the server answered and that was passed on."""

    def __init__(self):
        self.requests = b""
        self.answers = b""
        self.was_cut = False

    @property
    def stream(self):
        """Where the body of an event stream begins, or None."""
        heads = [head for head in HEAD.finditer(self.answers) if b"text/event-stream" in head[0]]
        return heads[-1] if heads else None

    @property
    def body(self):
        return self.answers[self.stream.end():]

    def header(self, name):
        """Of the stream's answer."""
        return header(self.stream[0], name)

    @property
    def last_event_id(self):
        """Of the last request."""
        return header(self.requests.split(b"\r\n\r\n")[-2] + b"\r\n\r\n", "last-event-id")


def header(head, name):
    found = re.search(rf"\r\n{name}: *(.*?)\r\n".encode(), head, re.IGNORECASE)
    return found and found[1].decode()


class CuttingProxy:
    """cuts: of the first streams, how many bytes of the body pass before the connection is cut, in the event that comes next."""

    def __init__(self, server, cuts=()):
        self.upstream = ("127.0.0.1", server.port)
        self.cuts = list(cuts)
        self.connections = []
        self.is_open = threading.Event()
        self.is_open.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.is_open.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    @property
    def streams(self):
        """The connections that carried a stream."""
        return [connection for connection in self.connections if connection.stream]

    def hold(self):
        """From now on requests wait."""
        self.is_open.clear()

    def pass_on(self):
        self.is_open.set()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        connection = Connection()
        try:
            with client:
                first = client.recv(65536)
                self.is_open.wait(PATIENCE)
                with socket.create_connection(self.upstream, PATIENCE) as server:
                    self.connections.append(connection)
                    connection.requests += first
                    server.sendall(first)
                    self._pass(connection, client, server)
        except OSError:
            # One side is gone, and with it the other.
            pass

    def _pass(self, connection, client, server):
        while True:
            for source in select.select([client, server], [], [])[0]:
                received = source.recv(65536)
                if not received:
                    return
                if source is client:
                    connection.requests += received
                    server.sendall(received)
                    continue
                end = self._place_of_cut(connection, received)
                connection.answers += received[:end]
                client.sendall(received[:end])
                if end is not None:
                    connection.was_cut = True
                    self.cuts.pop(0)
                    # By turns: after an end in order all that was passed on is read, after a reset perhaps not.
                    if len(self.cuts) % 2 == 0:
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    return

    def _place_of_cut(self, connection, received):
        """How much of what was received passes, if this is where the stream is cut."""
        known = len(connection.answers)
        whole = Connection()
        whole.answers = connection.answers + received
        if not self.cuts or not whole.stream:
            return None
        start = whole.stream.end() + self.cuts[0]
        if whole.header("content-encoding"):
            return start - known if len(whole.answers) > start else None
        data = whole.answers.find(b"data: {", start)
        end = data + 40
        return end - known if data >= 0 and known < end < len(whole.answers) else None
