"""The clients of `OtherClients/`: programs that read a stream, each with a library that people use."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = HERE / "OtherClients"
# Where script/test installs libraries that can't stand beside the others, one directory for each list of them.
LIBRARIES = HERE / ".venv" / "clients"

# Program, further arguments, and the libraries of its own.
CLIENTS = {
    "requests-sse": ("requests_sse_client.py", (), None),
    "sseclient": ("sseclient_client.py", (), "sseclient"),
    "sseclient-py": ("sseclient_py_client.py", (), None),
    "httpx-sse": ("httpx_sse_client.py", (), None),
    "aiohttp-sse-client": ("aiohttp_sse_client_client.py", (), None),
    "pywikibot 9": ("pywikibot_client.py", (), "pywikibot-9"),
    "pywikibot 11": ("pywikibot_client.py", (), "pywikibot-11"),
    "curl": ("curl_client.py", (), None),
    "curl --compressed": ("curl_client.py", ("--compressed",), None),
    "Java": ("ReadStream.java", (), None),
}


class OtherClient:
    """A client at work: `read` is what it has reported, in its order."""

    def __init__(self, name, url, directory):
        program, arguments, libraries = CLIENTS[name]
        self.name = name
        self.output, self.errors = (pathlib.Path(directory) / f"{name}.{kind}" for kind in ("read", "errors"))
        environment = dict(os.environ)
        if libraries:
            if not (LIBRARIES / libraries).is_dir():
                pytest.skip(f"there is no {LIBRARIES / libraries}; script/test end-to-end installs it")
            environment["PYTHONPATH"] = str(LIBRARIES / libraries)
        runner = shutil.which("java") if program.endswith(".java") else sys.executable
        with open(self.output, "wb") as output, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [runner, PROGRAMS / program, url, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                env=environment, cwd=directory)

    @property
    def read(self):
        """Ids and data."""
        text = self.output.read_text()
        return [tuple(json.loads(line)) for line in text[:text.rfind("\n") + 1].splitlines()]

    def check(self):
        """Fails if it has ended, which none does by itself."""
        assert self.process.poll() is None, f"{self.name} ended:\n{self.errors.read_text()[-2000:]}"

    def close(self):
        self.process.kill()
        self.process.wait(10)
