"""Sockets that a service manager opened, and signals before the server is up."""

import os
import signal
import socket
import subprocess

import requests

from server import PATIENCE, Server, eventually


def passing(server, sockets):
    """Has a server started as systemd would: descriptors from 3 on, with their names."""
    command, moved = server.command, [os.dup2(s.fileno(), 100 + i) for i, s in enumerate(sockets.values())]
    # The shell's process becomes the server's, so its number is right.
    script = " ".join(f"{3 + i}<&{number}" for i, number in enumerate(moved))
    server.environment |= {"LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": ":".join(sockets)}
    server.command = lambda: ["bash", "-c", f'LISTEN_PID=$$ exec "$@" {script}', "bash", *command()]
    for number in moved:
        os.set_inheritable(number, True)
    return moved


def listening():
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    place.listen()
    return place


def test_a_server_takes_the_sockets_of_its_service_manager(tmp_path, monkeypatch):
    sockets = {"admin": listening(), "streams": listening(), "intake": listening()}
    server = Server(tmp_path, streams={"test.page": {"topics": ["test.page"]}})
    moved = passing(server, sockets)
    original = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: original(*a, **k, pass_fds=moved))
    try:
        server.start()
        for number in moved:
            os.close(number)
        places = {name: place.getsockname()[1] for name, place in sockets.items()}
        assert server.ports == (places["streams"], places["intake"], places["admin"])
        assert requests.get(f"http://127.0.0.1:{places['streams']}/v2/stream", timeout=PATIENCE).status_code == 200
        assert server.stop() == 0
        # The manager's sockets are still its own.
        with socket.create_connection(("127.0.0.1", places["streams"]), timeout=PATIENCE):
            pass
    finally:
        server.kill()


def test_a_signal_before_the_server_is_up_ends_it_at_once(tmp_path):
    # A configuration that never comes: somebody takes the connection and says nothing.
    silent = listening()
    server = Server(tmp_path, settings={"streams.config": f"http://127.0.0.1:{silent.getsockname()[1]}/streams.yaml"})
    server.process = subprocess.Popen(
        server.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=server.directory,
        env={k: v for k, v in os.environ.items() if not k.startswith("EVENTSTREAMS_")})
    try:
        silent.settimeout(PATIENCE)
        taken, _ = silent.accept()
        server.signal(signal.SIGTERM)
        assert server.wait(10) == 0
        taken.close()
    finally:
        server.kill()


def test_readiness_goes_off_before_the_listener_closes(start):
    server = start(settings={"http.shutdown_delay": "20s"})
    server.signal(signal.SIGTERM)
    eventually(lambda: requests.get(f"{server.admin}/readyz", timeout=PATIENCE).status_code == 503)
    answer = requests.get(f"{server.url}/readyz", timeout=PATIENCE)
    assert answer.status_code == 503 and answer.json()["status"] == "draining"
    assert requests.get(f"{server.url}/v2/stream", timeout=PATIENCE).status_code == 200
    server.signal(signal.SIGTERM)
    assert server.wait() == 1
