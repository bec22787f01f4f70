"""A MediaWiki's requests, as its EventBus extension sends them: recorded events in the form that they had when they left it."""

import gzip
import json

import pytest
import requests

from clients import read_events

CHANGES, PAGES = "mediawiki.recentchange", "mediawiki.page_change.v1"
STREAMS = {
    CHANGES: {"topics": ["eqiad.mediawiki.recentchange"], "schema_title": "mediawiki/recentchange", "partitions": 2},
    PAGES: {"topics": ["eqiad.mediawiki.page_change.v1"], "schema_title": "mediawiki/page/change", "partitions": 3,
            "message_key_fields": {"wiki_id": "wiki_id", "page_id": "page.page_id"}},
}
# EventBus leaves the time to the intake, and gives the rest of these in this order.
META = ("uri", "request_id", "id", "domain", "stream")


def left_mediawiki(file, most=40):
    """The first events of a recording, before anything was added on the way."""
    events = []
    with gzip.open(file) as lines:
        for line in lines:
            event = json.loads(line)
            event["meta"] = {name: event["meta"][name] for name in META if name in event["meta"]}
            events.append(event)
            if len(events) == most:
                return events
    return events


def post(server, events, **parameters):
    body = json.dumps(events, ensure_ascii=False, separators=(",", ":")).encode()
    return requests.post(server.intake, data=body, params=parameters, timeout=60, headers={
        "Content-Type": "application/json", "User-Agent": "MediaWiki/1.43.0", "X-Client-IP": "192.0.2.9"})


@pytest.fixture
def server(start, shared):
    return start(streams=STREAMS, settings={
        "schemas.repositories": shared / "schemas/jsonschema", "intake.eventgate_statuses": "true"})


def test_what_a_mediawiki_sends_is_validated_stored_and_streamed_with_its_key(server, shared):
    changes = left_mediawiki(shared / "data/recentchange-2021-08-27.ndjson.gz")
    pages = left_mediawiki(shared / "data/page_change-v1-samples-2024-2026.ndjson.gz", 10)
    assert all(event["meta"]["stream"] == PAGES for event in pages)
    # The events of one web request come in one array, of whatever streams; a single one in an array too.
    answers = [post(server, changes[:20] + pages[:-1]), post(server, pages[-1:]), post(server, changes[20:], hasty="true")]
    assert [answer.status_code for answer in answers] == [201, 201, 202], [answer.text[:500] for answer in answers]
    for stream, sent in ((CHANGES, changes), (PAGES, pages)):
        found = {frame.json["meta"]["id"]: frame.json
                 for frame in read_events(server.url, f"/v2/stream/{stream}?since=2020-01-01", len(sent))}
        assert len(found) == len(sent)
        for event in sent:
            stored = found[event["meta"]["id"]]
            meta, posted = stored.pop("meta"), dict(event)
            assert stored == {name: value for name, value in posted.items() if name != "meta"}
            assert meta.items() >= event["meta"].items() and meta["dt"].endswith("Z")
            assert meta["topic"] == STREAMS[stream]["topics"][0]
            key = {"wiki_id": event["wiki_id"], "page_id": event["page"]["page_id"]} if stream == PAGES else None
            assert meta.get("key") == key


def test_a_mediawiki_is_told_which_of_its_events_were_refused_and_why(server, shared):
    good, wrong, unknown = left_mediawiki(shared / "data/recentchange-2021-08-27.ndjson.gz", 3)
    wrong["bot"] = "no"
    unknown["meta"]["stream"] = "mediawiki.none"
    answer = post(server, [good, wrong, unknown])
    # EventBus counts 207 as a failure, and reads the body as kinds of lists of {event, context}.
    assert answer.status_code == 207
    failures = [failure for kind in answer.json().values() for failure in kind]
    assert sorted(failure["event"]["meta"]["id"] for failure in failures) == sorted(
        event["meta"]["id"] for event in (wrong, unknown))
    assert any("'.bot' should be boolean" in json.dumps(failure["context"]) for failure in failures)
    stored, = read_events(server.url, f"/v2/stream/{CHANGES}?since=2020-01-01", 1)
    assert stored.json["meta"]["id"] == good["meta"]["id"]
