"""All clients, in one thread: each connects, reads, is cut off or leaves, and comes back."""

import heapq
import itertools
import random
import select
import socket
import struct
import threading
import time

from abuse.place import connect

from .wire import Answer, Refused

# Closing with this resets the connection.
RESET = struct.pack("ii", 1, 0)
# What a server that is under attack, or is to stop, may answer.
BUSY = (429, 503)


class Connection:
    """A connection of a client, and how much of it is left."""

    def __init__(self, reader, opened, left):
        self.reader, self.socket, self.left = reader, opened, left
        self.answer = Answer(reader.format)
        self.is_open = True


class Crowd(threading.Thread):
    """readers: `Reader`s. port: of the server, the same after each restart."""

    def __init__(self, port, readers, tally, seed):
        super().__init__(daemon=True)
        self._port, self._readers, self._tally, self._dice = port, readers, tally, random.Random(seed)
        self._epoll, self._connections = select.epoll(), {}
        self._due, self._order = [], itertools.count()
        self._ends = None
        self._ending = threading.Event()
        self.failure = None
        for reader in readers:
            self._after(self._dice.random(), self._open, reader)

    def connected(self):
        return len(self._connections)

    def rush(self, count, target):
        """So many clients connect, ask, and leave without having read anything."""
        self._after(0, self._rush, count, target)

    def finish(self, ends):
        """From now on nobody is away, nor cut off, nor slow; those who only visit are not let in again."""
        self._ends = ends
        self._after(0, self._hurry)

    def behind(self):
        """What clients who come back still lack at the end, by their names. What filters hid is known now."""
        for reader in self._readers:
            reader.settle()
        return {
            reader.name: missing for reader in self._readers
            if reader.habit.returns and (missing := reader.behind(self._ends))}

    def stop(self):
        self._ending.set()
        self.join(30)

    def run(self):
        try:
            while not self._ending.is_set():
                self._turn()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure
            raise
        finally:
            for connection in list(self._connections.values()):
                self._close(connection)

    def _turn(self):
        while self._due and self._due[0][0] <= time.monotonic():
            _, _, action, arguments = heapq.heappop(self._due)
            action(*arguments)
        wait = min(0.1, max(0, self._due[0][0] - time.monotonic())) if self._due else 0.1
        for descriptor, _ in self._epoll.poll(wait):
            if descriptor in self._connections:
                self._read(self._connections[descriptor])

    def _after(self, seconds, action, *arguments):
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), action, arguments))

    def _open(self, reader):
        habit, dice = reader.habit, self._dice
        is_over = self._ends is not None
        if is_over and not habit.returns:
            return
        try:
            opened = connect(self._port, reader.source, timeout=2, receive_buffer=8192 if habit.naps else None)
        except OSError:
            self._after(0.1 + dice.random() * 0.4, self._open, reader)
            return
        try:
            opened.sendall(reader.request(dice))
        except OSError:
            opened.close()
            self._after(0.1 + dice.random() * 0.4, self._open, reader)
            return
        opened.setblocking(False)
        self._tally.connections += 1
        connection = Connection(reader, opened, habit.reads(dice) if habit.reads and not is_over else None)
        self._connections[opened.fileno()] = connection
        self._epoll.register(opened.fileno(), select.EPOLLIN)
        if habit.stays and not is_over:
            self._after(habit.stays(dice), self._cut, connection)

    def _read(self, connection):
        reader, habit = connection.reader, connection.reader.habit
        size = 4096 if habit.naps else 65536
        if connection.left is not None:
            size = max(1, min(size, connection.left))
        try:
            received = connection.socket.recv(size)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._leave(connection, 0.05 + self._dice.random() * 0.3)
            return
        try:
            for frame in connection.answer.feed(received):
                reader.take(*frame)
        except Refused as refusal:
            self._tally.refused[refusal.status] += 1
            if refusal.status not in BUSY:
                self._tally.fault("refused", f"{reader.name} was answered {refusal}")
            self._leave(connection, 0.5 + self._dice.random())
            return
        except (ValueError, KeyError) as failure:
            self._tally.fault("wrong", f"{reader.name} was sent what is no stream: {failure!r}")
            self._leave(connection, 1)
            return
        if connection.answer.is_finished:
            self._leave(connection, 0.05 + self._dice.random() * 0.3)
        elif connection.left is not None:
            connection.left -= len(received)
            if connection.left <= 0:
                self._cut(connection)
        elif habit.naps and self._ends is None:
            self._epoll.modify(connection.socket.fileno(), 0)
            self._after(habit.naps(self._dice), self._wake, connection)

    def _hurry(self):
        self._due = [(0, *entry[1:]) for entry in sorted(self._due)]

    def _wake(self, connection):
        if connection.is_open:
            self._epoll.modify(connection.socket.fileno(), select.EPOLLIN)

    def _cut(self, connection):
        """Without a word, half of the time by a reset."""
        if not connection.is_open:
            return
        if self._dice.random() < 0.5:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._leave(connection, connection.reader.habit.rests(self._dice) if self._ends is None else 0)

    def _leave(self, connection, away):
        self._close(connection)
        self._after(away, self._open, connection.reader)

    def _close(self, connection):
        if connection.is_open:
            connection.is_open = False
            self._epoll.unregister(connection.socket.fileno())
            del self._connections[connection.socket.fileno()]
            connection.socket.close()

    def _rush(self, count, target):
        rushed = []
        try:
            for number in range(count):
                opened = connect(self._port, f"127.0.4.{1 + number % 250}", timeout=2)
                rushed.append(opened)
                opened.sendall(f"GET {target} HTTP/1.1\r\nHost: soak\r\n\r\n".encode())
        except OSError:
            pass
        for opened in rushed:
            opened.close()
