"""What stands between clients and servers (HAProxy), and between servers and Kafka (a proxy that makes faults)."""

import os
import pathlib
import shutil
import subprocess

import pytest
import requests

from kafka import SHARED
from ports import free_ports
from server import PATIENCE, ROOT, eventually


class Program:
    """A program in a directory of its own, that is asked at a URL whether it is there."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.process = None

    def launch(self, command, url, **options):
        """Starts it, and returns when the URL is answered well."""
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)

        def answers():
            assert self.process.poll() is None, (self.directory / "log").read_text()
            try:
                return requests.get(url, timeout=PATIENCE).ok
            except requests.ConnectionError:
                return False

        eventually(answers)
        return self

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)


class HAProxy(Program):
    """HAProxy with the configuration that `config/` holds as an example, before two servers."""

    def __init__(self, directory, servers):
        super().__init__(directory)
        self.port, = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "HAPROXY_LISTEN": f"127.0.0.1:{self.port}",
            "EVENTSTREAMS_A": f"127.0.0.1:{servers[0].port}", "EVENTSTREAMS_B": f"127.0.0.1:{servers[1].port}"}

    def start(self):
        command = ["haproxy", "-db", "-f", ROOT / "config/haproxy.cfg"]
        check = subprocess.run([*command, "-c"], env=self.environment, capture_output=True, timeout=30)
        assert check.returncode == 0, check.stderr.decode()
        assert b"WARNING" not in check.stderr, check.stderr.decode()
        return self.launch(command, f"{self.url}/healthz", env=self.environment)


class FaultProxy(Program):
    """Shopify's toxiproxy on one way: `listen` to `upstream`, both ports on loopback."""

    def __init__(self, directory, listen, upstream):
        super().__init__(directory)
        self.listen, self.upstream = listen, upstream
        self.port, = free_ports(1)
        self.api = f"http://127.0.0.1:{self.port}"

    def start(self):
        command = [SHARED / "tools/toxiproxy-server", "-host", "127.0.0.1", "-port", str(self.port)]
        self.launch(command, f"{self.api}/version")
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
