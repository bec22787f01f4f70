"""Clients that are gone without a word: their machine lost its power or its network."""

import contextlib
import os
import subprocess

import pytest

from clients import ask
from events import Events, filler, post
from server import eventually

SERVER, CLIENT = "10.213.77.1", "10.213.77.2"


def run(*words):
    subprocess.run(words, check=True, capture_output=True, timeout=30)


@pytest.fixture
def other_machine():
    """A network namespace with a cable to this one; yields its name. Skips where none can be made."""
    name = f"es{os.getpid()}"
    with contextlib.ExitStack() as undo:
        try:
            run("ip", "netns", "add", name)
            undo.callback(run, "ip", "netns", "delete", name)
            run("ip", "link", "add", name, "type", "veth", "peer", "name", "cable", "netns", name)
            undo.callback(run, "ip", "link", "delete", name)
            run("ip", "addr", "add", f"{SERVER}/30", "dev", name)
            run("ip", "link", "set", name, "up")
            run("ip", "-n", name, "addr", "add", f"{CLIENT}/30", "dev", "cable")
            run("ip", "-n", name, "link", "set", "cable", "up")
        except (OSError, subprocess.CalledProcessError) as failure:
            pytest.skip(f"no network namespaces here: {getattr(failure, 'stderr', None) or failure}")
        yield name


@pytest.mark.parametrize("is_busy", [True, False])
def test_a_client_whose_network_is_gone_is_given_up(start, other_machine, is_busy):
    server = start(host=SERVER, settings={"streaming.stall_timeout": "2s"})
    curl = subprocess.Popen(
        ["ip", "netns", "exec", other_machine, "curl", "-sN", f"{server.url}/v2/stream/test.page?heartbeat=1"],
        stdout=subprocess.PIPE)
    try:
        assert b":ok" in curl.stdout.read(4)
        eventually(lambda: server.metric("eventstreams_connected_clients") == 1)
        run("ip", "-n", other_machine, "link", "set", "cable", "down")
        if is_busy:
            # More than its socket takes: it stalls before the kernel gives it up.
            post(server.intake, Events().list(20, filler=filler(40_000)))
        eventually(lambda: server.metric("eventstreams_connected_clients") == 0, timeout=60)
        stalled = server.metric(r'eventstreams_evictions_total\{reason="stalled"\}')
        assert stalled == (1 if is_busy else 0)
    finally:
        curl.kill()
        curl.wait()
        curl.stdout.close()
    assert ask(server.admin, "/readyz").status == 200
