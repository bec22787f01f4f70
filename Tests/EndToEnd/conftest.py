"""What the tests share: servers that are stopped whatever happens."""

import os
import pathlib

import pytest

from browser import chromium
from events import STREAMS
from server import BINARY, ROOT, Server

# A module comes before those that import it, or pytest does not rewrite its assertions.
pytest_plugins = ["kafka", "proxies", "nginx", "stock_proxies"]


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"there is no {BINARY}; build it: swift build -c release --product eventstreams", returncode=3)


@pytest.fixture
def start(tmp_path):
    """Starts servers. Each has a directory of its own below the test's, by name."""
    servers = []

    def start(name="server", streams=STREAMS, **options):
        server = Server(tmp_path / name, streams=streams, **options)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def server(start):
    """A server of the two test streams."""
    return start()


@pytest.fixture(scope="module")
def driver():
    """Chromium, one for all tests of a module."""
    driver = chromium()
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def shared():
    """The directory of recorded events, which is no part of the project."""
    place = pathlib.Path(os.environ.get("EVENTSTREAMS_SHARED", ROOT.parent / "shared"))
    if not (place / "data").is_dir():
        pytest.skip(f"no recorded events: there is no {place}/data; set EVENTSTREAMS_SHARED")
    return place
