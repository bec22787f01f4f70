"""What a service manager is told (systemd's `Type=notify` and `WatchdogSec=`), and the units that are shipped for it."""

import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

from server import PATIENCE, Server

CONFIG = pathlib.Path(__file__).resolve().parents[2] / "config"


class Manager:
    """The end of a service manager's socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.settimeout(PATIENCE)

    def until(self, line):
        """Reads until something says so; returns all lines that came."""
        lines, deadline = [], time.monotonic() + PATIENCE
        while line not in lines:
            assert time.monotonic() < deadline, f"{line} did not come, but {set(lines)}"
            lines += self.socket.recv(4096).decode().splitlines()
        return lines


@pytest.mark.parametrize("is_abstract", [False, True])
def test_a_service_manager_is_told_what_the_server_does(tmp_path, is_abstract):
    name = f"@eventstreams-{time.monotonic_ns()}" if is_abstract else str(tmp_path / "notify")
    manager = Manager("\0" + name[1:] if is_abstract else name)
    server = Server(tmp_path, streams={"test.page": {"topics": ["test.page"]}})
    server.environment |= {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "300000"}
    try:
        server.start()
        assert "READY=1" in manager.until("WATCHDOG=1") or manager.until("READY=1")
        for _ in range(3):
            manager.until("WATCHDOG=1")
        # A server that hangs says nothing.
        server.process.send_signal(signal.SIGSTOP)
        manager.socket.setblocking(False)
        time.sleep(0.5)
        with pytest.raises(BlockingIOError):
            while True:
                manager.socket.recv(4096)
        time.sleep(1)
        with pytest.raises(BlockingIOError):
            manager.socket.recv(4096)
        server.process.send_signal(signal.SIGCONT)
        manager.socket.settimeout(PATIENCE)
        manager.until("WATCHDOG=1")
        server.process.send_signal(signal.SIGTERM)
        manager.until("STOPPING=1")
        assert server.process.wait(PATIENCE) == 0
    finally:
        server.kill()
        manager.socket.close()


def test_a_socket_that_is_not_there_is_no_trouble(tmp_path):
    server = Server(tmp_path, streams={"test.page": {"topics": ["test.page"]}})
    server.environment |= {"NOTIFY_SOCKET": str(tmp_path / "gone"), "WATCHDOG_USEC": "nonsense"}
    try:
        server.start()
    finally:
        server.kill()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_the_units_are_right_and_give_the_service_little(tmp_path):
    names = ["eventstreams.service", "eventstreams.socket", "eventstreams-intake.socket", "eventstreams-admin.socket"]
    for name in names:
        # The program need not be installed to read a unit.
        (tmp_path / name).write_text((CONFIG / name).read_text().replace("/usr/bin/eventstreams", "/bin/true"))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    # What it says of other units of this machine is no matter.
    assert not [line for line in (found.stdout + found.stderr).splitlines() if "eventstreams" in line], found
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=30", tmp_path / names[0]],
        capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert rated.returncode == 0, rated.stdout + rated.stderr
