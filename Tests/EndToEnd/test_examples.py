"""The packages of Examples/: each builds with the library of this repository, and does what it says."""

import shutil
import subprocess

import pytest

from server import ROOT


@pytest.mark.skipif(shutil.which("swift") is None, reason="no Swift to build with")
def test_the_follower_sends_events_and_follows_them(server):
    # Kept between runs: only the first compiles the library.
    scratch = ROOT / ".build/examples"
    subprocess.run(["swift", "build", "--package-path", ROOT / "Examples/Follower", "--scratch-path", scratch], check=True,
                   timeout=600, capture_output=True)
    done = subprocess.run([scratch / "debug/follower", server.url, server.intake.removesuffix("/v1/events"), "test.page"],
                          capture_output=True, timeout=60, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"event {number}: stored" for number in (1, 2, 3)] + [
        f"came: hello {number}" for number in (1, 2, 3)]
