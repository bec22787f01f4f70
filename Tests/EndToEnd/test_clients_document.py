"""The examples of docs/clients.md, as they stand there: each reads, loses its server, and has every event once."""

import re
import shutil
import subprocess
import sys

import pytest

from browser import chromium
from events import Events, post
from server import ROOT, Server, eventually

TEXT = (ROOT / "docs/clients.md").read_text()
STREAMS = {"recentchange": {"topics": ["dc1.recentchange"], "description": "Changes."}}

# By the words behind the fence: the file's name, and how it is run.
EXAMPLES = {
    "sh curl": ("follow.sh", ["bash", "follow.sh"]),
    "python requests-sse": ("follow.py", [sys.executable, "follow.py"]),
    "python httpx-sse": ("follow.py", [sys.executable, "follow.py"]),
    "python sseclient-py": ("follow.py", [sys.executable, "follow.py"]),
    "js node": ("follow.mjs", ["node", "follow.mjs"]),
    "java": ("Follow.java", ["java", "Follow.java"]),
    "swift": ("follow.swift", ["./follow"]),
}


def example(words, url):
    found = re.findall(rf"^```{re.escape(words)}\n(.*?)^```$", TEXT, re.S | re.M)
    assert len(found) == 1, f"the document has {len(found)} examples of {words}"
    assert "http://localhost:8092" in found[0]
    return found[0].replace("http://localhost:8092", url)


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "server", streams=STREAMS).start()
    yield server
    server.kill()


@pytest.fixture
def run(tmp_path):
    """Runs an example; returns what gives the numbers that it printed."""
    processes = []

    def run(words, url):
        name, command = EXAMPLES[words]
        if not shutil.which(command[0]) and not command[0].startswith("./"):
            pytest.skip(f"there is no {command[0]}")
        place = tmp_path / "example"
        place.mkdir()
        (place / name).write_text(example(words, url))
        if words == "swift":
            compiler = shutil.which("swiftc") or pytest.skip("there is no swiftc")
            subprocess.run([compiler, "-swift-version", "6", "-module-cache-path", place / "cache", name, "-o", "follow"], cwd=place, check=True, timeout=300)
        output = place / "output"
        with open(output, "wb") as stdout, open(place / "errors", "wb") as errors:
            processes.append(subprocess.Popen(command, cwd=place, stdin=subprocess.DEVNULL, stdout=stdout, stderr=errors, start_new_session=True))
        return lambda: [int(number) for number in re.findall(r"edit (\d+)!", output.read_text())]

    yield run
    for process in processes:
        subprocess.run(["kill", "-KILL", "--", f"-{process.pid}"], check=False)
        process.wait()


def follow(server, numbers):
    """Posts events, kills the server between them, and expects all that pass the filter."""
    events = Events()

    def more():
        # An even number is of the wiki that examples ask for.
        for _ in range(3):
            wiki = "enwiki" if events.made % 2 == 0 else "dewiki"
            post(server.intake, [events.next("recentchange", wiki=wiki, title=f"edit {events.made}!")])

    eventually(lambda: server.metric("eventstreams_connected_clients") >= 1, 60)
    more()
    eventually(lambda: numbers() == [0, 2])
    server.kill()
    server.start()
    more()
    eventually(lambda: len(numbers()) >= 3, 60)
    server.stop()
    server.start()
    more()
    eventually(lambda: len(numbers()) >= 5, 60)
    assert numbers() == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("words", EXAMPLES)
def test_an_example_has_every_event_once(server, run, words):
    numbers = run(words, server.url)
    follow(server, numbers)


def test_the_example_of_the_browser_has_every_event_once(server):
    driver = chromium()
    try:
        driver.get(f"{server.url}/robots.txt")
        driver.execute_script("window.shown = []; window.show = (title) => shown.push(title);" + example("js browser", server.url))
        follow(server, lambda: [int(title[5:-1]) for title in driver.execute_script("return shown")])
    finally:
        driver.quit()
