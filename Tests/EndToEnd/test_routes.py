"""Routes, methods, problems and the headers around them."""

import json

import pytest

from clients import ask
from events import post_bytes


def problem(answer, status, type_):
    """Checks an RFC 9457 document and returns it."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"].startswith("application/problem+json")
    document = answer.json
    assert document["type"] == type_
    assert document["status"] == status
    assert document["title"] and document["detail"]
    assert {"method", "uri", "instance"} <= document.keys()
    assert answer.headers["access-control-allow-origin"] == "*"
    return document


def test_head_has_the_headers_of_get_and_no_stream(server):
    answer = ask(server.url, "/v2/stream/test.page", "HEAD")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.body == b""
    assert "content-length" not in answer.headers


def test_head_is_refused_as_get_is(server):
    foreign = {"Last-Event-ID": '[{"topic":"other.topic","partition":0,"offset":1}]'}
    get, head = (ask(server.url, "/v2/stream/test.page", method, headers=foreign) for method in ("GET", "HEAD"))
    assert (get.status, head.status, head.body) == (404, 404, b"")
    assert head.headers["content-type"] == get.headers["content-type"] == "application/problem+json"


def test_what_jquery_adds_against_caches_counts_for_nothing(server):
    assert ask(server.url, "/v2/stream/test.page?_=1795737600000", "HEAD").status == 200


def test_head_of_documents_has_their_length(server):
    for path in ["/", "/_info", "/v2/stream", "/healthz", "/robots.txt"]:
        get, head = ask(server.url, path), ask(server.url, path, "HEAD")
        assert (head.status, head.body) == (get.status, b"")
        assert head.headers.get("content-length") == get.headers.get("content-length")


def test_options_answers_browsers(server):
    answer = ask(server.url, "/v2/stream/test.page", "OPTIONS", {
        "Origin": "https://other.example", "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "last-event-id"})
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-max-age"] == "86400"
    assert "GET" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"accept", "cache-control", "last-event-id", "content-type", "x-requested-with"} <= set(allowed)


def test_every_answer_may_be_read_by_any_page(server):
    for path in ["/", "/_info", "/v2/stream", "/v2/stream/none", "/nothing", "/healthz", "/readyz", "/?spec", "/v2/ui/"]:
        answer = ask(server.url, path)
        assert answer.headers["access-control-allow-origin"] == "*", path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "date" in answer.headers, path


def test_what_is_not_there_is_404(server):
    for path in ["/nothing", "/v2", "/v2/streams/x", "/metrics", "/v1/events", "/v2/ui/none.js", "/v2/ui/../page.js",
                 "/v2/ui/%2e%2e/Package.swift", "/_info/none"]:
        problem(ask(server.url, path), 404, "not_found")


def test_a_404_says_what_its_own_listener_has(server):
    intake = server.intake.removesuffix("/v1/events")
    assert "/v1/events" in problem(ask(intake, "/v2/stream"), 404, "not_found")["detail"]
    assert "/metrics" in problem(ask(server.admin, "/v2/stream"), 404, "not_found")["detail"]


def test_an_unknown_stream_is_404_and_the_nearest_are_named(server):
    document = problem(ask(server.url, "/v2/stream/test.page,test.pagee,none"), 404, "stream_not_found")
    assert document["unknown"] == ["test.pagee", "none"]
    assert "test.page" in document["nearest"]


def test_other_methods_are_405_with_allow(server):
    for method in ["PUT", "DELETE", "PATCH", "POST"]:
        answer = ask(server.url, "/v2/stream", method)
        problem(answer, 405, "method_not_allowed")
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    answer = ask(server.intake.removesuffix("/v1/events"), "/v1/events")
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


def test_an_accept_that_excludes_all_is_406(server):
    for accept in ["text/event-stream;q=0", "*/*;q=0", "application/json;q=0, text/event-stream;q=0.0"]:
        document = problem(ask(server.url, "/v2/stream/test.page", headers={"Accept": accept}), 406, "not_acceptable")
        assert "text/event-stream" in document["available"]


@pytest.mark.parametrize("query, type_, parameter", [
    ("sinse=2024-01-01", "invalid_parameter", "sinse"),
    ("since=yesterday", "invalid_timestamp", "since"),
    ("until=2024-13-01", "invalid_timestamp", "until"),
    ("since=1&since=2", "invalid_parameter", "since"),
    ("last=0", "invalid_parameter", "last"),
    ("last=10001", "invalid_parameter", "last"),
    ("limit=-1", "invalid_parameter", "limit"),
    ("limit=99999999999999999999", "invalid_parameter", "limit"),
    ("heartbeat=0", "invalid_parameter", "heartbeat"),
    ("heartbeat=61", "invalid_parameter", "heartbeat"),
    ("format=xml", "invalid_parameter", "format"),
    ("ids=long", "invalid_parameter", "ids"),
    ("canary=1", "invalid_parameter", "canary"),
])
def test_a_bad_parameter_is_400_and_named(server, query, type_, parameter):
    document = problem(ask(server.url, f"/v2/stream/test.page?{query}"), 400, type_)
    assert document["parameter"] == parameter
    assert parameter in document["detail"]


def test_info_describes_the_service(server):
    info = ask(server.url, "/_info").json
    assert {"name", "version", "description", "home"} <= info.keys()
    assert ask(server.url, "/_info/name").json == {"name": info["name"]}
    assert ask(server.url, "/_info/version").json == {"version": info["version"]}
    home = ask(server.url, "/_info/home")
    assert (home.status, home.headers["location"]) == (301, info["home"])


def test_old_paths_lead_on(server):
    answer = ask(server.url, "/rc")
    assert (answer.status, answer.headers["location"]) == (301, "/?doc")
    assert ask(server.url, "/rc/").status == 301
    assert ask(server.url, "/_info/").json == ask(server.url, "/_INFO").json
    assert ask(server.url, "/V2/Stream/test.page?limit=0").status == 400
    answer = ask(server.url, "/")
    assert (answer.status, answer.headers["location"]) == (303, "/v2/ui/")
    doc = ask(server.url, "/?doc")
    assert doc.status == 200 and doc.headers["content-type"].startswith("text/html")


def test_a_document_that_the_client_has_is_not_sent_again(server):
    for path in ["/?spec", "/v2/ui/", "/v2/stream"]:
        answer = ask(server.url, path)
        assert answer.status == 200 and answer.body
        again = ask(server.url, path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status in (304, 200) and (again.status == 304 or path == "/v2/stream")
        assert again.status == 200 or again.body == b""


def test_robots_are_kept_out(server):
    answer = ask(server.url, "/robots.txt")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
    assert b"Disallow: /" in answer.body


def test_the_openapi_document_lists_streams_and_aliases(server):
    document = ask(server.url, "/?spec").json
    assert document["openapi"].startswith("3.")
    path = document["paths"]["/v2/stream/{streams}"]
    parameters = path.get("parameters") or path["get"]["parameters"]
    assert parameters[0]["schema"]["items"]["enum"] == ["change", "page", "test.change", "test.page"]
    assert {"/v2/stream/change", "/v2/stream/test.change"} <= document["paths"].keys()


def test_the_list_of_streams_says_what_there_is(server):
    streams = ask(server.url, "/v2/stream").json["streams"]
    assert streams == ask(server.url, "/v2/stream/").json["streams"]
    change, page = streams
    assert change["name"] == "test.change" and change["aliases"] == ["change"]
    assert change["description"] == "Changes." and change["schema_title"] == "test/change"
    assert change["topics"] == ["dc1.test.change"] and change["partitions"] == 3
    assert page["newest"] is None


def test_health_is_told_on_every_port(server):
    for url in [server.url, server.admin, server.intake.removesuffix("/v1/events")]:
        for path in ["/healthz", "/readyz"]:
            answer = ask(url, path)
            assert answer.status == 200 and answer.json["status"] in ("ok", "ready")


def test_the_page_runs_no_code_of_others(server):
    for path in ["/v2/ui/", "/v2/ui/index.html", "/?doc"]:
        answer = ask(server.url, path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert b"<script>" not in answer.body and b"style=" not in answer.body and b"onclick" not in answer.body


# The intake

@pytest.mark.parametrize("body, status, type_", [
    (b"", 400, "bad_request"), (b"{", 400, "bad_request"), (b"[]", 400, "bad_request"), (b"7", 400, "bad_request"),
    (b"{}", 400, "invalid_event"), (b'{"meta":{}}', 400, "invalid_event"), (b'{"meta":7}', 400, "invalid_event"),
    (b'{"meta":{"stream":7}}', 400, "invalid_event"), (b'{"meta":{"stream":"page"}}', 400, "invalid_event"),
    (b'{"meta":{"stream":"none"}}', 400, "invalid_event"),
    (b'{"meta":{"stream":"test.page","dt":"soon"}}', 400, "invalid_event"),
    (b'{"meta":{"stream":"test.page","id":""}}', 400, "invalid_event"),
    (b'{"meta":{"stream":"test.page"},"x":"\xff"}', 400, "bad_request"),
    (b"[" * 100_000, 400, "bad_request"),
    (b'{"meta":{"stream":"test.page"},"x":' + b"[" * 70 + b"]" * 70 + b"}", 400, "invalid_event"),
])
def test_what_is_no_event_is_refused(server, body, status, type_):
    answer = post_bytes(server.intake, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["type"] in (type_, "stream_not_found")
    assert answer.json()["detail"]


def test_of_several_events_each_is_judged_alone(server):
    events = [{"meta": {"stream": "test.page", "id": "a"}}, {"meta": {"stream": "none", "id": "b"}},
              {"meta": {"stream": "test.page"}}]
    answer = post_bytes(server.intake, json.dumps(events).encode())
    assert answer.status_code == 207
    first, second, third = answer.json()["events"]
    assert (first["status"], first["id"], first["offset"]) == (201, "a", 0)
    assert second["status"] == 404 and second["id"] == "b" and second["detail"]
    assert third["status"] == 201 and len(third["id"]) == 36


def test_another_type_of_body_is_415(server):
    import requests
    answer = requests.post(server.intake, data=b"{}", headers={"Content-Type": "text/csv"}, timeout=10)
    assert answer.status_code == 415


def test_a_body_that_is_too_large_is_413(start):
    server = start(settings={"intake.max_request_bytes": "64KiB", "intake.max_event_bytes": "1KiB"})
    large = {"meta": {"stream": "test.page"}, "x": "y" * 2000}
    answer = post_bytes(server.intake, json.dumps(large).encode())
    assert answer.status_code == 413 and answer.json()["type"] == "content_too_large"
    answer = ask_post(server, b" " * 100_000)
    assert answer.startswith(b"HTTP/1.1 413 ")


def ask_post(server, body):
    from clients import exchange, request_bytes
    return exchange(server.intake, request_bytes("/v1/events", "POST", {"Content-Type": "application/json"}, body=body))
