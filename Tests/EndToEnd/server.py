"""A server process: started on free ports, watched, stopped by its process id."""

import json
import os
import pathlib
import re
import select
import signal
import subprocess
import time

import requests

from ports import free_ports

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("EVENTSTREAMS_BINARY", ROOT / ".build/release/eventstreams"))

# How long a server may take to start or stop. Far more than it needs: this bounds a hang and measures nothing.
PATIENCE = 30


class ServerFailed(Exception):
    pass


class Server:
    """`eventstreams serve` on loopback.

    streams: a stream configuration, name to settings. settings: for `--set`. ports: streams, intake, admin; a
    server that is started again has them again. environment: variables beside those of the tests' own process.
    """

    def __init__(self, directory, *, streams=None, settings=None, config=None, options=(), ports=None, loops=1,
                 host="127.0.0.1", environment=None, binary=BINARY):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.data = self.directory / "data"
        self.streams_file = self.directory / "streams.json"
        if streams is not None:
            self.configure(streams)
        self.settings = {"http.public_dir": ROOT / "public", "http.drain_time": "200ms"}
        if self.streams_file.exists():
            self.settings["streams.config"] = self.streams_file
        self.settings |= settings or {}
        self.options = list(options)
        if config is not None:
            # YAML has JSON in it.
            file = self.directory / "config.yaml"
            file.write_text(json.dumps(config))
            self.options += ["--config", str(file)]
        self.ports = tuple(ports or free_ports(3))
        self.loops, self.host, self.binary = loops, host, binary
        self.environment = environment or {}
        self.process = None
        self.log_file = self.directory / "server.log"

    def configure(self, streams):
        """Writes the stream configuration, in one step."""
        new = self.streams_file.with_suffix(".new")
        new.write_text(json.dumps({"streams": streams}))
        new.rename(self.streams_file)

    def command(self):
        streams, intake, admin = self.ports
        command = [self.binary, "serve", "--host", self.host, "--port", streams, "--intake-port", intake]
        command += ["--admin-port", admin, "--data-dir", self.data, "--event-loops", self.loops, *self.options]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        return [str(word) for word in command]

    def start(self):
        self.launch()
        eventually(self.is_ready)
        return self

    def launch(self):
        """Starts it, and returns when it has said where it is."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("EVENTSTREAMS_")}
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, cwd=self.directory,
                env=environment | self.environment)
        places = self._read_places()
        self.url = re.sub("/$", "", places["streams"])
        self.intake = places["intake"]
        self.admin = re.sub("/metrics$", "", places["admin"])
        self.tls_url = re.sub("/$", "", places["tls"]) if "tls" in places else None
        self.ports = tuple(int(re.search(r":(\d+)", places[name])[1]) for name in ("streams", "intake", "admin"))

    def is_ready(self):
        return requests.get(f"{self.admin}/readyz", timeout=PATIENCE).status_code == 200

    def _read_places(self):
        deadline = time.monotonic() + PATIENCE
        output, text = self.process.stdout, b""
        while True:
            places = dict(line.split() for line in text.decode().split("\n")[:-1] if len(line.split()) == 2)
            if {"streams", "intake", "admin"} <= places.keys() and ("tls.port" not in self.settings or "tls" in places):
                return places
            ready, _, _ = select.select([output], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(output.fileno(), 4096) if ready else b""
            if not chunk:
                self.kill()
                raise ServerFailed(f"{' '.join(self.command())}\nprinted {text!r}\n{self.log()[-4000:]}")
            text += chunk

    @property
    def port(self):
        return self.ports[0]

    @property
    def tls_port(self):
        return int(self.tls_url.rsplit(":", 1)[1])

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=PATIENCE):
        """Waits for the end and returns the exit code."""
        return self.process.wait(timeout)

    def stop(self):
        """Stops in order; returns the exit code."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        finally:
            self.kill()

    def kill(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    # What it uses.

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def metrics(self):
        """The text of all. They are made anew once a second, and a server that has just come up has none for a moment."""
        return eventually(lambda: requests.get(f"{self.admin}/metrics", timeout=PATIENCE).text)

    def metric(self, pattern):
        """The sum of the samples of this name, or of this name with these labels."""
        text = self.metrics()
        # A family whose labels nobody uses now has no samples, but it has a type.
        assert f"# TYPE {re.match(r'[a-z0-9_]+', pattern)[0]} " in text, f"there is no metric {pattern}"
        lines = text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if re.match(rf"(?:{pattern})(?:\{{.*\}})? ", line))

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def eventually(condition, timeout=PATIENCE, every=0.05):
    """Waits until a condition holds, and returns what it gave; fails after a time that bounds a hang."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"nothing came of it within {timeout} s"
        time.sleep(every)
