"""More than there is room for, by the whole program."""

import http.client
import json
import resource
import shutil
import socket
import subprocess

import requests

from clients import Stream, ask
from events import Events, post
from server import PATIENCE, eventually


def test_idle_connections_of_one_address_take_nothing_from_posts_and_health(start):
    server = start(settings={"http.max_connections": 50, "http.max_connections_per_address": 0})
    idle = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for _ in range(50)]
    for connection in idle[:40]:
        connection.sendall(b"GET /_info HTTP/1.1\r\nHost: x\r\n\r\n")
    for connection in idle[:40]:
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    post(server.intake, Events().list(3))
    assert requests.get(f"{server.admin}/healthz", timeout=PATIENCE).status_code == 200
    # Those that are idle make room on the streams' own port.
    assert eventually(lambda: ask(server.url, "/_info").status == 200)
    for connection in idle:
        connection.close()


def test_a_browser_is_told_in_band_that_there_is_no_place(start):
    server = start(settings={"http.max_connections": 3, "http.max_connections_per_address": 0})
    streams = [Stream(server.url, "/v2/stream/test.page") for _ in range(3)]
    for stream in streams:
        assert next(stream.frames()).comment == "ok"
    answer = ask(server.url, "/v2/stream/test.page", headers={
        "Accept": "text/event-stream", "Sec-Fetch-Mode": "cors"})
    assert answer.status == 200 and b"\nretry: " in b"\n" + answer.body
    assert b'"type":"overloaded"' in answer.body and b'"uri":"/v2/stream/test.page"' in answer.body
    answer = ask(server.url, "/v2/stream/test.page")
    assert answer.status == 503 and answer.json["method"] == "GET" and answer.json["instance"] == "/v2/stream/test.page"


def test_a_soft_limit_of_descriptors_is_raised_and_told(start):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 200), hard))
    try:
        server = start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE) == (hard, hard)
    assert "can be served" in server.log() and "streams=" in server.log()


def test_a_post_above_the_limit_reads_its_413(start):
    server = start(settings={"intake.max_request_bytes": "64KiB", "intake.max_event_bytes": "64KiB"})
    body = json.dumps({"x": "a" * 8_000_000})
    connection = http.client.HTTPConnection("127.0.0.1", server.ports[1], timeout=PATIENCE)
    connection.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 413
    assert json.loads(answer.read())["uri"] == "/v1/events"
    if shutil.which("node"):
        script = (
            "fetch(process.argv[1], {method: 'POST', body: JSON.stringify({x: 'a'.repeat(8e6)}),"
            " headers: {'content-type': 'application/json'}})"
            ".then(a => console.log(a.status), e => console.log(String(e.cause || e)))")
        address = f"http://127.0.0.1:{server.ports[1]}/v1/events"
        output = subprocess.run(["node", "-e", script, address], capture_output=True, text=True, timeout=PATIENCE)
        assert output.stdout.strip() == "413", output
