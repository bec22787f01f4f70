"""The server: started on the same ports and the same log again and again, told to reload, stopped, killed and paused."""

import http.client
import json
import signal
import subprocess
import time

import subjects
from abuse import place

from .wire import Answer

CHANGES, PAGES, MANY = "soak.changes", "soak.pages", "soak.many"
STREAMS = {
    CHANGES: {"topics": ["a.soak.changes", "b.soak.changes"], "partitions": 2, "message_key_fields": {"key": "key"}},
    PAGES: {"topics": [PAGES], "partitions": 1},
    MANY: {"topics": [MANY], "partitions": 8, "message_key_fields": {"key": "key"}},
}
SETTINGS = {
    "streams.ttl": "1h", "http.drain_time": "500ms", "streaming.stall_timeout": "5s",
    # Small, so that what they hold is soon as much as it will ever be, and more is read from the log.
    "streaming.tail_bytes": "8MiB", "streaming.block_cache_bytes": "16MiB", "streaming.ring_bytes": "512KiB",
}
PATIENCE = 60


class Died(Exception):
    """The server ended by itself, or not as it should."""


def partitions(stream):
    """Of a stream, as it is configured at first."""
    settings = STREAMS[stream]
    return [(topic, partition) for topic in settings["topics"] for partition in range(settings["partitions"])]


class Served:
    """place: where it is and which process it is. retention: seconds. generation: how many processes there were."""

    def __init__(self, directory, loops, retention, settings):
        self._directory, self._loops, self.retention = directory, loops, retention
        self._settings = SETTINGS | {"storage.retention_age": f"{round(retention * 1000)}ms"} | settings
        self.place = place.Place(*(subjects.free_port() for _ in range(3)), pid=0)
        self.generation, self.is_up, self._is_over = 0, False, False
        self._process, self.extra_streams, self.is_redacted, self.more_partitions = None, 0, False, 0
        self.write_configuration()

    def write_configuration(self):
        streams = STREAMS | place.STREAMS | {
            f"soak.extra-{number}": {"topics": [f"soak.extra-{number}"]} for number in range(self.extra_streams)}
        streams[CHANGES] = STREAMS[CHANGES] | {"partitions": STREAMS[CHANGES]["partitions"] + self.more_partitions}
        rules = [{"remove": ["secret"]}] if self.is_redacted else []
        for name, content in (("streams.json", {"streams": streams}), ("config.yaml", {"redaction": {"rules": rules}})):
            new = self._directory / f"{name}.new"
            new.write_text(json.dumps(content))
            new.rename(self._directory / name)

    def start(self, answers="/readyz", **settings):
        """Returns when the admin port answers this path with 200."""
        if self._is_over:
            raise Died("the server is not wanted any more")
        settings = {
            "streams.config": self._directory / "streams.json", "http.public_dir": subjects.ROOT / "public",
        } | self._settings | settings
        command = [
            subjects.BINARY, "serve", "--config", self._directory / "config.yaml", "--host", "127.0.0.1", "--port",
            self.place.port, "--intake-port", self.place.intake, "--admin-port", self.place.admin, "--data-dir",
            self._directory / "data", "--event-loops", self._loops]
        command += [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        with open(self._directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._directory,
                env=subjects.environment())
        self.place.pid = self._process.pid
        self.generation += 1
        self._wait_until_ready(answers)
        self.is_up = True

    def _wait_until_ready(self, path):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if self.place.ask(path)[0] == 200:
                    return
            except OSError:
                pass
            if self._process.poll() is not None:
                raise Died(f"the server did not start: {self.log()}")
            if time.monotonic() > deadline:
                raise Died(f"the server was not ready within {PATIENCE} s: {self.log()}")
            time.sleep(0.02)

    def log(self):
        return (self._directory / "log").read_text(errors="replace")[-3000:]

    def signal(self, number):
        self._process.send_signal(number)

    def check(self):
        if self.is_up and self._process.poll() is not None:
            raise Died(f"the server ended by itself with {self._process.returncode}: {self.log()}")

    def stop(self):
        """In order."""
        self.is_up = False
        self.signal(signal.SIGTERM)
        if code := self._process.wait(PATIENCE):
            raise Died(f"the server was told to stop and ended with {code}: {self.log()}")

    def kill(self):
        self.is_up = False
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def end(self):
        """For good."""
        self._is_over = True
        self.kill()

    def read_document(self, target):
        connection = http.client.HTTPConnection("127.0.0.1", self.place.port, place.PATIENCE, source_address=("127.0.5.1", 0))
        try:
            connection.request("GET", target)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def read_all(self, streams, query):
        """The places and numbers of a stream's events, to the end of the answer."""
        found = {}
        with place.connect(self.place.port, "127.0.5.1") as connection:
            connection.sendall(f"GET /v2/stream/{','.join(streams)}?{query} HTTP/1.1\r\nHost: soak\r\n\r\n".encode())
            answer = Answer("sse")
            while not answer.is_finished:
                received = connection.recv(1 << 20)
                if not received:
                    raise OSError("the answer broke off")
                for kind, _, data in answer.feed(received):
                    if kind == "message" and data:
                        meta = data["meta"]
                        found[(meta["topic"], meta["partition"]), meta["offset"]] = data["number"], "secret" in data
        return found
