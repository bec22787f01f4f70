"""Schemas, the whole stream configuration and canaries, as the demo has them."""

import json
import signal
import subprocess

import pytest
import requests

from clients import ask, read_events
from events import post
from server import BINARY, ROOT, eventually

SCHEMAS = ROOT / "config/schemas"
GREETING = {"$schema": "/demo/greeting/1.0.0", "meta": {"stream": "demo.greeting"}, "greeting": "hello"}


def run(*words):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=60)


@pytest.fixture
def demo(start, tmp_path):
    """A server as `script/server` starts it, without invented events; its configuration may be changed."""
    file = tmp_path / "streams.yaml"
    file.write_text((ROOT / "config/streams.yaml").read_text())
    server = start(streams=None, settings={"streams.config": file, "schemas.repositories": SCHEMAS})
    server.streams_file = file
    return server


def test_schemas_are_browsed_and_fetched(demo):
    listing = ask(demo.url, "/schemas/").json
    assert {"name": "demo", "type": "directory"} in listing
    page = requests.get(f"{demo.url}/schemas/demo/greeting/latest", headers={"Accept": "text/html"}, timeout=30)
    assert "<code>greeting</code> <small>required</small>" in page.text and "demo.greeting" in page.text
    assert "script" not in page.text and "default-src 'none'" in page.headers["Content-Security-Policy"]
    schema = requests.get(f"{demo.url}/schemas/demo/greeting/1.0.0.json", timeout=30)
    assert schema.json()["title"] == "demo/greeting" and "immutable" in schema.headers["Cache-Control"]


def test_a_canary_passes_every_stream_and_is_seen_by_those_who_ask(demo):
    eventually(lambda: 'eventstreams_stream_healthy{stream="demo.greeting"} 1' in demo.metrics())
    streams = {stream["name"]: stream for stream in ask(demo.url, "/v2/stream").json["streams"]}
    assert streams["mediawiki.recentchange"]["healthy"] is True
    assert "healthy" not in streams["eventstreams.config-change"]
    assert read_events(demo.url, "/v2/stream/demo.greeting?since=0&until=PT0S") == []
    canary, = read_events(demo.url, "/v2/stream/demo.greeting?since=0&canary=true", 1)
    assert canary.json["meta"]["domain"] == "canary" and canary.json["greeting"] == "Good morning"


def test_the_configuration_is_answered_as_event_stream_config_does(demo):
    answer = ask(demo.url, "/w/api.php?action=streamconfigs&format=json&constraints=canary_events_enabled%3D1").json
    assert answer["streams"]["demo.greeting"]["topics"] == ["demo.demo.greeting"]
    assert "eventstreams.config-change" not in answer["streams"]
    assert ask(demo.url, "/v2/streams-config").json["streams"]["mediawiki.page-create"]["topic_prefixes"] == ["demo."]


def test_a_change_of_the_configuration_is_told_and_a_mistake_changes_nothing(demo):
    text = demo.streams_file.read_text()
    demo.streams_file.write_text(text.replace("Greetings, to", "All greetings, to"))
    demo.signal(signal.SIGHUP)
    change, = read_events(demo.url, "/v2/stream/eventstreams.config-change?since=0", 1)
    assert (change.json["config_stream"], change.json["change_kind"]) == ("demo.greeting", "changed")
    assert json.loads(change.json["settings"])["description"].startswith("All greetings")
    demo.streams_file.write_text(text.replace("schema_title: demo/greeting", "schema_title: /demo/greeting"))
    demo.signal(signal.SIGHUP)
    eventually(lambda: "schema_title of demo.greeting must be without a slash in front" in demo.log())
    assert "streams.yaml:25:" in demo.log()
    post(demo.intake, [GREETING])


def test_configurations_are_compared_in_words(tmp_path):
    old = ROOT / "config/streams.yaml"
    new = tmp_path / "new.yaml"
    new.write_text(old.read_text().replace("topic_prefixes: [demo.]", "topic_prefixes: [other.]"))
    result = run("config", "diff", old, new)
    assert result.returncode == 1
    assert "demo.greeting (breaks):\n" in result.stdout
    assert "  the topic demo.demo.greeting is not part of it any more" in result.stdout
    assert run("config", "diff", old, old).stdout == "Nothing changes.\n"
    assert run("config", "diff", old).returncode == 2


def test_the_demos_schemas_pass_the_tests_of_a_repository():
    result = run("schemas", "check", SCHEMAS)
    assert (result.returncode, result.stderr) == (0, "")
