"""The Debian package: what is in it, and that it serves from where it puts things. `script/package --try` installs it for good."""

import gzip
import os
import re
import shutil
import subprocess

import pytest
import requests

from server import BINARY, ROOT, Server


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    if not shutil.which("chrpath"):
        pytest.skip("script/setup --package was not run")
    place = tmp_path_factory.mktemp("package")
    return run(ROOT / "script/package", place, env=os.environ | {"EVENTSTREAMS_BINARY": str(BINARY.absolute())}).strip()


def test_the_package_has_all_that_a_server_needs(package):
    names = set(re.findall(r"(\./\S*[^/\s])$", run("dpkg-deb", "--contents", package), re.MULTILINE))
    public = {f"./usr/share/eventstreams/public/{file.name}" for file in (ROOT / "public").iterdir()}
    units = {f"./lib/systemd/system/{file.name}" for file in (ROOT / "config").glob("eventstreams*.s*e*") if file.suffix in (".service", ".socket")}
    assert public < names and len(units) == 4 and units < names
    assert {"./usr/bin/eventstreams", "./usr/share/man/man1/eventstreams.1.gz", "./etc/eventstreams/eventstreams.yaml",
            "./etc/eventstreams/streams.yaml", "./usr/share/bash-completion/completions/eventstreams",
            "./usr/share/zsh/vendor-completions/_eventstreams", "./usr/share/fish/vendor_completions.d/eventstreams.fish",
            "./usr/share/doc/eventstreams/copyright", "./usr/share/doc/eventstreams/examples/prometheus-rules.yaml"} < names
    control = run("dpkg-deb", "--field", package)
    assert re.search(r"^Depends: .*libc6 .*librdkafka1 .*adduser$", control, re.MULTILINE)
    assert not re.search(r"swift|Foundation", re.search("^Depends.*", control, re.MULTILINE)[0])


def test_what_is_unpacked_serves_with_its_own_settings_and_page(package, tmp_path):
    root = tmp_path / "root"
    run("dpkg-deb", "--extract", package, root)
    settings = root / "etc/eventstreams/eventstreams.yaml"
    assert 'config: "/etc/eventstreams/streams.yaml"' in settings.read_text()
    assert 'data_dir: "/var/lib/eventstreams"' in settings.read_text()
    assert b".TH" in gzip.decompress((root / "usr/share/man/man1/eventstreams.1.gz").read_bytes())
    server = Server(tmp_path / "server", binary=root / "usr/bin/eventstreams", options=["--config", str(settings)],
                    settings={"streams.config": root / "etc/eventstreams/streams.yaml"})
    del server.settings["http.public_dir"]
    try:
        server.start()
        page = requests.get(f"{server.url}/v2/ui/", timeout=30)
        assert page.status_code == 200 and "<title>EventStreams</title>" in page.text
        assert "mediawiki.recentchange" in requests.get(f"{server.url}/v2/stream", timeout=30).text
        assert server.stop() == 0
    finally:
        server.kill()


def test_lintian_finds_no_error(package):
    if not shutil.which("lintian"):
        pytest.skip("there is no lintian")
    found = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", package], capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stdout


def test_the_scripts_of_the_package_are_shell():
    for script in (ROOT / "config/debian").iterdir():
        run("sh", "-n", script)
