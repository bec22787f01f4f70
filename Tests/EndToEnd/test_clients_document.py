"""The examples of docs/clients.md, as they stand there: each reads, loses its server, and has every event once."""

import os
import re
import shutil
import signal
import subprocess
import sys

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
    "swift": ("main.swift", [ROOT / ".build/examples/debug/follower"]),
}


def example(words, url):
    found = re.findall(rf"^```{re.escape(words)}\n(.*?)^```$", TEXT, re.S | re.M)
    assert len(found) == 1, f"the document has {len(found)} examples of {words}"
    assert "http://localhost:8092" in found[0]
    return found[0].replace("http://localhost:8092", url)


class Reader:
    """An example at work."""

    def __init__(self, words, url, place):
        name, self.command = EXAMPLES[words]
        self.place = place
        place.mkdir()
        (place / name).write_text(example(words, url))
        if words == "swift":
            # In the place of the example package's own source, so that the library is compiled once for both.
            manifest = (ROOT / "Examples/Follower/Package.swift").read_text()
            (place / "Package.swift").write_text(manifest.replace('"../.."', f'"{ROOT}"'))
            (place / "Sources").mkdir()
            (place / name).rename(place / "Sources" / name)
            subprocess.run(["swift", "build", "--package-path", place, "--scratch-path", ROOT / ".build/examples"], check=True,
                           timeout=600, capture_output=True)

    def start(self):
        with open(self.place / "output", "wb") as output, open(self.place / "errors", "wb") as errors:
            self.process = subprocess.Popen(self.command, cwd=self.place, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                            start_new_session=True)

    @property
    def numbers(self):
        return [int(number) for number in re.findall(r"edit (\d+)!", (self.place / "output").read_text())]

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Page:
    """The example of the browser."""

    def __init__(self, url):
        self.url = url
        self.driver = chromium()
        self.driver.get(f"{url}/robots.txt")

    def start(self):
        self.driver.execute_script("window.shown = []; window.show = (title) => shown.push(title);" + example("js browser", self.url))

    @property
    def numbers(self):
        return [int(title[5:-1]) for title in self.driver.execute_script("return shown")]

    def close(self):
        self.driver.quit()


def test_the_examples_have_every_event_once(tmp_path):
    """All at the same time, so that their waits are spent together. An even number is of the wiki that they ask for."""
    server = Server(tmp_path / "server", streams=STREAMS).start()
    tools = {words: "swift" if words == "swift" else command[0] for words, (_, command) in EXAMPLES.items()}
    here = [words for words, tool in tools.items() if shutil.which(tool)]
    assert {"sh curl", "python requests-sse", "python httpx-sse", "python sseclient-py"} <= set(here)
    readers = {words: Reader(words, server.url, tmp_path / words.replace(" ", "-")) for words in here}
    readers["js browser"] = Page(server.url)
    events = Events()

    def post_three():
        for _ in range(3):
            wiki = "enwiki" if events.made % 2 == 0 else "dewiki"
            post(server.intake, [events.next("recentchange", wiki=wiki, title=f"edit {events.made}!")])

    def expect(numbers):
        try:
            eventually(lambda: all(len(reader.numbers) >= len(numbers) for reader in readers.values()), 60)
        finally:
            assert {words: reader.numbers for words, reader in readers.items()} == dict.fromkeys(readers, numbers)

    started = []
    try:
        for reader in readers.values():
            reader.start()
            started.append(reader)
        eventually(lambda: server.metric("eventstreams_connected_clients") >= len(readers), 60)
        post_three()
        expect([0, 2])
        server.kill()
        server.start()
        post_three()
        expect([0, 2, 4])
        server.stop()
        server.start()
        post_three()
        expect([0, 2, 4, 6, 8])
    finally:
        for reader in started:
            reader.close()
        server.kill()
