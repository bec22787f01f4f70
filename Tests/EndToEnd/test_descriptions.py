"""What describes the service for programs and people: OpenAPI, AsyncAPI and the page that is made of them."""

import collections
import json

import asyncapi3
import hypothesis
import jsonschema
import openapi_spec_validator
import pytest
import requests
import schemathesis

from browser import wait
from clients import ask
from events import Events, post
from page import Page
from server import ROOT
from test_page_quality import serious

STREAMS = {
    "demo.greeting": {"topics": ["demo.greeting"], "schema_title": "demo/greeting", "stream_aliases": ["greeting"]},
    "mediawiki.recentchange": {"topics": ["demo.recentchange"], "schema_title": "mediawiki/recentchange"},
    "test.page": {"topics": ["dc1.test.page"], "description": "Pages."}}


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    from server import Server
    server = Server(tmp_path_factory.mktemp("described"), streams=STREAMS,
                    settings={"schemas.repositories": ROOT / "config/schemas", "canaries.interval": 0})
    yield server.start()
    server.kill()


def test_the_openapi_document_is_one(described):
    document = ask(described.url, "/?spec").json
    assert document["openapi"] == "3.1.0"
    openapi_spec_validator.validate(document)
    line = document["paths"]["/v2/stream/greeting"]["get"]["responses"]["200"]["content"]["application/x-ndjson"]
    assert line["schema"] == {"$ref": "#/components/schemas/demo_greeting"} and line["example"]["greeting"]
    schema = document["components"]["schemas"]["demo_greeting"]
    assert schema["properties"]["greeting"]["type"] == "string" and schema["x-schema-uri"] == "/demo/greeting/1.0.0"
    jsonschema.validate(line["example"], schema)
    other = document["paths"]["/v2/stream/test.page"]["get"]["responses"]["200"]["content"]["application/json"]
    assert other == {"schema": {"type": "object"}}


def test_the_asyncapi_document_is_one(described):
    answer = ask(described.url, "/?asyncapi")
    document = asyncapi3.models.asyncapi.AsyncAPI3.model_validate(answer.json)
    assert document.asyncapi == "3.0.0" and len(answer.json["channels"]) == 4
    names = {"#/components/messages/" + name for name in answer.json["components"]["messages"]}
    for channel in answer.json["channels"].values():
        assert {message["$ref"] for message in channel["messages"].values()} <= names
    # Every reference leads somewhere.
    text = json.dumps(answer.json)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        place = answer.json
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    again = requests.get(f"{described.url}/?asyncapi", headers={"If-None-Match": answer.headers["etag"]}, timeout=30)
    assert again.status_code == 304


def test_no_request_that_the_document_allows_makes_an_error_of_the_server(described):
    schema = schemathesis.openapi.from_dict(ask(described.url, "/?spec").json)
    tried, intake = collections.Counter(), described.intake.removesuffix("/v1/events")
    for operation in schema.get_all_operations():
        @hypothesis.settings(max_examples=10, deadline=None, database=None, derandomize=True,
                             suppress_health_check=list(hypothesis.HealthCheck))
        @hypothesis.given(case=operation.ok().as_strategy())
        def holds(case):
            if case.path.startswith("/v2/stream/"):
                # A stream without an end would never be read.
                case.query = dict(case.query or {}) | {"until": "PT0S"}
            answer = case.call(base_url=intake if case.path.startswith("/v1/") else described.url, timeout=30)
            assert answer.status_code < 500, (case.path, answer.status_code)
            tried[case.path] += 1
        holds()
    assert tried.total() > 100
    assert {"/v1/events", "/v2/stream/{streams}", "/v2/stream/greeting", "/v2/stream/test.page"} <= tried.keys()


def test_the_page_shows_fields_and_tries_streams(described, driver):
    post(described.intake, Events().list(3) + [{"$schema": "/demo/greeting/1.0.0", "meta": {"stream": "demo.greeting"},
                                                "greeting": "<img src=x onerror=alert(1)>"}])
    page = Page(driver, described)
    page.forget()
    driver.get(f"{described.url}/?doc")
    wait(driver, "document.querySelectorAll('#stream-list details').length == 3")
    page.click("[data-stream='demo.greeting'] summary")
    wait(driver, "document.querySelector('[data-stream=\"demo.greeting\"] pre')")
    rows = page.texts("[data-stream='demo.greeting'] tbody tr")
    assert any(row.startswith("greetingstring") for row in rows) and any(row.startswith("meta.dt") for row in rows)
    assert "<img src=x onerror=alert(1)>" in page.text("[data-stream='demo.greeting'] pre")
    page.click("[data-stream='test.page'] summary")
    wait(driver, "document.querySelector('[data-stream=\"test.page\"] pre')")
    assert any(row.startswith("numbernumbersuch as 2") for row in page.texts("[data-stream='test.page'] tbody tr"))
    page.run("""const form = document.getElementById('try-form');
        form.elements.stream.value = 'test.page'; form.elements.filter.value = 'title != "x"'; form.elements.format.value = 'ndjson';
        form.dispatchEvent(new Event('input'))""")
    assert page.text("#try-address").endswith(
        "/v2/stream/test.page?filter=title+%21%3D+%22x%22&last=3&limit=3&format=ndjson'")
    page.click("#try-form button")
    wait(driver, "document.getElementById('try-status').textContent.endsWith('ended')")
    assert page.text("#try-answer").count('"number"') == 3
    assert serious(page) == []
    assert page.errors() == []
