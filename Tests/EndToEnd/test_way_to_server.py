"""`doctor`, `top` and columns of the program, directly and through nginx, and over TLS."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time

import pytest

import tls
from events import Events, post
from ports import free_ports
from proxies import Program
from server import BINARY, PATIENCE
from test_programs import run

STREAM = "/v2/stream/test.page"


class Nginx(Program):
    """nginx with these lines in its location."""

    def __init__(self, directory, server, lines):
        super().__init__(directory)
        port, = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        temporary = " ".join(f"{name}_temp_path temp;" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.directory / "nginx.conf").write_text(f"""
            daemon off; master_process off; pid nginx.pid; error_log error.log; events {{ worker_connections 100; }}
            http {{ access_log off; {temporary} server {{
                listen 127.0.0.1:{port};
                location = /alive {{ return 204; }}
                location / {{ proxy_pass {server.url}; {lines} }}
            }} }}""")

    def start(self):
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        return self.launch([program, "-p", self.directory, "-c", "nginx.conf"], f"{self.url}/alive", cwd=self.directory)


def doctor(url, *options, seconds=3):
    done = run("doctor", "--json", "--seconds", seconds, *options, url + STREAM)
    report = json.loads(done.stdout)
    assert report["ok"] == (done.returncode == 0)
    return {finding["check"]: finding["verdict"] for finding in report["findings"]}, done.returncode


@pytest.fixture
def filled(start, tmp_path):
    pair = tls.certificate(tmp_path / "pair", "localhost", "localhost", "127.0.0.1")
    server = start(settings=tls.settings(pair))
    server.chain = pair[0]
    post(server.intake, Events().list(30))
    return server


def test_doctor_finds_nothing_wrong_with_the_server_itself(filled):
    secure, code = doctor(filled.tls_url, "--ca-file", filled.chain)
    assert code == 0 and set(secure.values()) == {"good"}, secure
    plain, code = doctor(filled.url)
    assert code == 0 and plain.pop("certificate") == "unknown" and set(plain.values()) == {"good"}, plain
    # Without its authority the certificate is not believed.
    done = run("doctor", "--seconds", "1", filled.tls_url + STREAM)
    assert done.returncode == 1 and b"certificate" in done.stdout


# As the document on operating has it.
PASSES = 'proxy_buffering off; proxy_http_version 1.1; proxy_set_header Connection "";'


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin"), reason="no nginx; script/setup --tests installs it")
@pytest.mark.parametrize("lines,bad", [
    (PASSES, set()),
    ("proxy_ignore_headers X-Accel-Buffering;", {"buffering"}),
    (PASSES + "proxy_read_timeout 2s;", {"idle-timeout"}),
    (PASSES + 'proxy_set_header Last-Event-ID "";', {"resume"}),
], ids=["passes", "buffers", "times-out", "drops-ids"])
def test_doctor_finds_what_a_proxy_does(filled, tmp_path, lines, bad):
    nginx = Nginx(tmp_path / "nginx", filled, lines).start()
    try:
        verdicts, code = doctor(nginx.url)
    finally:
        nginx.close()
    assert {check for check, verdict in verdicts.items() if verdict == "bad"} == bad, verdicts
    assert code == (1 if bad else 0)


def test_events_go_and_come_over_tls_by_the_programs_clients(filled):
    # The intake speaks plain HTTP: a file of certificates is of no use there, and no harm.
    done = run("produce", "--quiet", "--ca-file", filled.chain, "--hasty", "--url", filled.intake, "-",
               input=b'{"meta":{"stream":"test.page"},"number":30}\n')
    assert done.returncode == 0, done.stderr
    followed = ["consume", "--quiet", "--since", "2020-01-01", "--limit", 31, "--columns", "number,meta.id"]
    done = run(*followed, "--ca-file", filled.chain, filled.tls_url + STREAM)
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert sorted(int(number) for number, _ in rows) == list(range(31)) and len({id for _, id in rows}) == 31
    refused = run(*followed, filled.tls_url + STREAM)
    assert refused.returncode == 1 and b"no secure connection" in refused.stderr
    missing = run(*followed, "--ca-file", "/nowhere", filled.tls_url + STREAM)
    assert missing.returncode == 2 and b"/nowhere" in missing.stderr


def test_top_leaves_the_terminal_as_it_was(filled):
    command = [BINARY, "top", "--by", "number", "--since", "2020-01-01", "--interval", "1", filled.url + STREAM]
    main, side = pty.openpty()
    with subprocess.Popen(command, stdin=side, stdout=side, stderr=side, env={"TERM": "xterm"}) as process:
        os.close(side)
        shown = b""
        deadline = time.monotonic() + PATIENCE
        while b"30 so far" not in shown and time.monotonic() < deadline and select.select([main], [], [], 1):
            shown += os.read(main, 65536)
        process.send_signal(signal.SIGINT)
        try:
            while piece := os.read(main, 65536):
                shown += piece
        except OSError:
            # A terminal whose other side is closed.
            pass
        assert process.wait(PATIENCE) == 0
    os.close(main)
    assert shown.startswith(b"\x1b[?1049h") and shown.endswith(b"\x1b[?25h\x1b[?1049l")
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown).decode()
    assert "events/s" in text and "30 so far" in text
