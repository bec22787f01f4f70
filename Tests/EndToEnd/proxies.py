"""What stands between clients and servers (HAProxy), and between servers and Kafka (a proxy that makes faults)."""

import os
import pathlib
import shutil
import subprocess

import pytest
import requests

from kafka import SHARED, free_ports
from server import PATIENCE, ROOT, eventually


class HAProxy:
    """HAProxy with the configuration that `config/` holds as an example, before two servers."""

    def __init__(self, directory, servers):
        self.port, = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | {
            "HAPROXY_LISTEN": f"127.0.0.1:{self.port}",
            "EVENTSTREAMS_A": f"127.0.0.1:{servers[0].port}", "EVENTSTREAMS_B": f"127.0.0.1:{servers[1].port}"}
        self.process = None

    def start(self):
        command = ["haproxy", "-db", "-f", ROOT / "config/haproxy.cfg"]
        check = subprocess.run([*command, "-c"], env=self.environment, capture_output=True, timeout=30)
        assert check.returncode == 0, check.stderr.decode()
        assert b"WARNING" not in check.stderr, check.stderr.decode()
        with open(self.directory / "haproxy.log", "ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        eventually(self.answers)
        return self

    def answers(self):
        assert self.process.poll() is None, (self.directory / "haproxy.log").read_text()
        try:
            return requests.get(f"{self.url}/healthz", timeout=PATIENCE).status_code == 200
        except requests.ConnectionError:
            return False

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)


class FaultProxy:
    """Shopify's toxiproxy on one way: `listen` to `upstream`, both ports on loopback."""

    def __init__(self, directory, listen, upstream):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.listen, self.upstream = listen, upstream
        self.port, = free_ports(1)
        self.api = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        with open(self.directory / "toxiproxy.log", "ab") as log:
            self.process = subprocess.Popen(
                [SHARED / "tools/toxiproxy-server", "-host", "127.0.0.1", "-port", str(self.port)],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)

        def answers():
            try:
                return requests.get(f"{self.api}/version", timeout=PATIENCE).ok
            except requests.ConnectionError:
                return False

        eventually(answers)
        self._post("/proxies", {
            "name": "kafka", "listen": f"127.0.0.1:{self.listen}", "upstream": f"127.0.0.1:{self.upstream}"})
        return self

    def _post(self, path, body):
        answer = requests.post(self.api + path, json=body, timeout=PATIENCE)
        assert answer.ok, answer.text

    def fault(self, kind, direction="downstream", **attributes):
        """Makes a fault, for connections that are open as for new ones. Returns what ends it."""
        name = f"{kind}-{direction}"
        self._post("/proxies/kafka/toxics", {
            "name": name, "type": kind, "stream": direction, "toxicity": 1.0, "attributes": attributes})
        return lambda: requests.delete(f"{self.api}/proxies/kafka/toxics/{name}", timeout=PATIENCE).raise_for_status()

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)


@pytest.fixture
def haproxy(tmp_path):
    """Starts HAProxy before two servers."""
    if not shutil.which("haproxy"):
        pytest.skip("no haproxy; script/setup --tests installs it")
    started = []

    def start(*servers):
        started.append(HAProxy(tmp_path / "haproxy", servers))
        return started[-1].start()

    yield start
    for proxy in started:
        proxy.close()


@pytest.fixture
def fault_proxy(tmp_path, broker, proxied_port):
    """A proxy before the shared broker, whose clients the broker itself leads through it."""
    if not (SHARED / "tools" / "toxiproxy-server").exists():
        pytest.skip(f"no proxy for faults: there is no {SHARED}/tools/toxiproxy-server; set EVENTSTREAMS_SHARED")
    proxy = FaultProxy(tmp_path / "toxiproxy", proxied_port, broker.listener["PROXIED"].port)
    try:
        yield proxy.start()
    finally:
        proxy.close()
