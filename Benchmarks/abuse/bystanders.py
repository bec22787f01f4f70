"""Those who behave well: clients that follow a stream, a program that posts, a watchdog that asks for the server's health.

An event's time runs from before it is posted until the kernel has it for the client: what one process that reads for a thousand
clients needs to read is its own affair, and on a machine with few processors more than all that it is to measure. So the
readers read when nobody else has anything to do: theirs would be other machines' processors.
"""

import array
import http.client
import os
import re
import resource
import select
import socket
import struct
import threading
import time

from .place import LIVE, OTHERS, PATIENCE, READERS, connect

EACH_ADDRESS = 20
# The clock is one for all processes of a host, and the one by which the kernel says when it got something.
EVENT = re.compile(rb'"sent":(\d+),[^\n]*?"offset":(\d+)[^\n]*\n')
GAP = b"event: gap"
ARRIVAL = getattr(socket, "SO_TIMESTAMPNS", 35)
TIMESPEC = struct.Struct("qq")
MOST_READ = 1 << 16


def percentiles(times):
    """Of seconds, in milliseconds: how long half of them took at most, and 99 of 100."""
    ordered = sorted(times)
    if not ordered:
        return None, None
    return tuple(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 for part in (0.5, 0.99))


def arrival(beside):
    """When the kernel got the last of what was read, in nanoseconds of the wall clock."""
    for level, kind, data in beside:
        if (level, kind) == (socket.SOL_SOCKET, ARRIVAL):
            seconds, nanoseconds = TIMESPEC.unpack(data[:TIMESPEC.size])
            return seconds * 1_000_000_000 + nanoseconds
    return time.time_ns()


class Readers:
    """Clients, all in one thread. Each knows which offset comes next."""

    def __init__(self, place, count):
        self.place, self.count = place, count
        self.poll = select.epoll()
        self.clients, self.buffers, self.nexts = {}, {}, {}
        self.times = array.array("d")
        self.wrong = self.cut = 0
        # Events that are read together have one time, the last one's. So no more is read at once than one event: all are of one length.
        self.length = MOST_READ
        self.restore()

    def restore(self):
        """As many clients as at first: those that were cut off begin again, with what comes next."""
        for number in range(self.count - len(self.clients)):
            source = f"{READERS}{1 + number // EACH_ADDRESS % 250}"
            connection = connect(self.place.port, source)
            connection.setsockopt(socket.SOL_SOCKET, ARRIVAL, 1)
            connection.sendall(f"GET /v2/stream/{LIVE} HTTP/1.1\r\nHost: abuse\r\n\r\n".encode())
            received = b""
            while b":ok" not in received:
                chunk = connection.recv(4096)
                if not chunk or b" 200 " not in received + chunk:
                    raise OSError(f"a client was answered {(received + chunk)[:200]!r}")
                received += chunk
            connection.setblocking(False)
            self.clients[connection.fileno()] = connection
            self.buffers[connection.fileno()], self.nexts[connection.fileno()] = b"", None
            self.poll.register(connection.fileno(), select.EPOLLIN)

    def read(self, timeout):
        for descriptor, _ in self.poll.poll(timeout):
            try:
                received, beside, _, _ = self.clients[descriptor].recvmsg(
                    max(self.length - len(self.buffers[descriptor]), 1), socket.CMSG_SPACE(TIMESPEC.size))
            except BlockingIOError:
                continue
            except OSError:
                received, beside = b"", []
            if not received:
                self.cut += 1
                self._drop(descriptor)
                continue
            self._take(descriptor, self.buffers[descriptor] + received, arrival(beside))

    def _take(self, descriptor, text, now):
        end = events = 0
        for event in EVENT.finditer(text):
            end, events = event.end(), events + 1
            offset, expected = int(event[2]), self.nexts[descriptor]
            self.wrong += expected is not None and offset != expected
            self.nexts[descriptor] = offset + 1
            self.times.append((now - int(event[1])) / 1e9)
        # What ends a chunk may be left of an event; a read that found none was too short.
        self.length = len(text) if events == 1 else self.length if events else MOST_READ
        self.wrong += text.count(GAP)
        self.buffers[descriptor] = text[end:][-65536:] if GAP not in text[end:] else b""

    def _drop(self, descriptor):
        self.poll.unregister(descriptor)
        self.clients.pop(descriptor).close()
        del self.buffers[descriptor], self.nexts[descriptor]

    def behind(self, offset):
        """How many clients have not got the event at this offset."""
        return sum(next is None or next <= offset for next in self.nexts.values())

    def present(self):
        return len(self.clients)

    def window(self):
        """What came since the last time this was asked for."""
        result = {"times": percentiles(self.times), "wrong": self.wrong, "cut": self.cut, "clients": len(self.clients)}
        self.times, self.wrong, self.cut = array.array("d"), 0, 0
        return result


def run(place, count, pipe):
    """A process of its own, which answers its pipe: a method's name and what it takes, until None comes or nobody is there."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    readers = Readers(place, count)
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    pipe.send(None)
    try:
        while True:
            readers.read(0.005)
            if pipe.poll():
                asked = pipe.recv()
                if asked is None:
                    return
                pipe.send(getattr(readers, asked[0])(*asked[1:]))
    except EOFError:
        pass


class Repeated(threading.Thread):
    """Does something so many times a second and keeps how long each took."""

    def __init__(self, rate):
        super().__init__(daemon=True)
        self.rate, self.times, self.failures, self.last_failure = rate, [], 0, None
        self.is_stopped = threading.Event()

    def once(self):
        raise NotImplementedError

    def run(self):
        due = time.monotonic()
        while not self.is_stopped.is_set():
            began = time.monotonic()
            try:
                self.once()
                self.times.append(time.monotonic() - began)
            except (OSError, http.client.HTTPException) as failure:
                self.failures += 1
                self.last_failure = f"{type(failure).__name__}: {failure}"
            due = max(due + 1 / self.rate, time.monotonic() - 1)
            self.is_stopped.wait(max(0, due - time.monotonic()))

    def window(self):
        times, failures, self.times, self.failures = self.times, self.failures, [], 0
        return {"times": percentiles(times), "failures": failures, "last": self.last_failure}

    def stop(self):
        self.is_stopped.set()
        self.join(PATIENCE)


class Posts(Repeated):
    """A program that posts events over a connection that it keeps."""

    def __init__(self, place, rate):
        super().__init__(rate)
        self.place, self.made, self.acknowledged = place, 0, -1
        self.connection = http.client.HTTPConnection("127.0.0.1", place.intake, PATIENCE, source_address=(OTHERS, 0))

    def once(self):
        self.made += 1
        event = {"sent": time.time_ns(), "text": "x" * 300, "meta": {"stream": LIVE, "id": f"live-{self.made}"}}
        try:
            stored, = self.place.post(self.connection, [event])
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        self.acknowledged = max(self.acknowledged, stored["offset"])


class Health(Repeated):
    """Whoever restarts a server that does not answer. Looks after its memory by the way."""

    def __init__(self, place, rate=5):
        super().__init__(rate)
        self.place, self.most_memory = place, 0

    def once(self):
        self.most_memory = max(self.most_memory, self.place.resident_bytes())
        status, _ = self.place.ask("/healthz")
        if status != 200:
            raise OSError(f"/healthz was answered {status}")
