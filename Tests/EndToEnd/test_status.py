"""How the service is: the document, the page, and what a restart leaves of both."""

import signal

import requests

from browser import wait
from clients import ask
from events import Events, post
from page import Page
from server import ROOT, eventually
from test_page_quality import serious

STREAMS = {"demo.greeting": {"topics": ["demo.greeting"], "schema_title": "demo/greeting", "canary_events_enabled": True},
           "test.page": {"topics": ["dc1.test.page"]}}


def status(server):
    return ask(server.url, "/v2/status").json


def streams(server):
    return {stream["name"]: stream for stream in status(server)["streams"]}


def test_a_canary_and_an_event_make_their_streams_fresh(start):
    server = start(streams=STREAMS, settings={"schemas.repositories": ROOT / "config/schemas"})
    post(server.intake, Events().list(2))
    fresh = eventually(lambda: (found := streams(server))["test.page"]["status"] == "fresh"
                       and found["demo.greeting"]["canary"] and found)
    assert fresh["demo.greeting"]["status"] == "fresh" and fresh["demo.greeting"]["canary"]["healthy"] is True
    assert fresh["test.page"]["canary"] is None and status(server)["status"] == "ok"
    listed = {stream["name"]: stream for stream in ask(server.url, "/v2/stream").json["streams"]}
    assert listed["test.page"]["status"] == "fresh" and listed["test.page"]["clients"] == 0


def test_restarts_are_told_and_whether_they_were_meant(start):
    server = start()
    assert server.stop() == 0
    server.start()
    assert [one["kind"] for one in status(server)["incidents"]] == ["started", "started"]
    # What a start writes says so after an end without order.
    server.signal(signal.SIGKILL)
    server.wait()
    server.start()
    assert [one["kind"] for one in status(server)["incidents"]][:1] == ["restarted"]
    (server.data / "status").write_bytes(b"ESSTATUS\xff")
    assert server.stop() == 0
    (server.data / "status").write_bytes(b"ESSTATUS\xff")
    server.start()
    assert [one["kind"] for one in status(server)["incidents"]] == ["started"]
    assert "the file of the last day's status can't be used" in server.log()


def test_the_page_shows_it(start, driver):
    server = start(streams=STREAMS | {"test.hostile": {"topics": ["dc1.hostile"], "description": "<img src=x onerror=alert(1)>"}})
    post(server.intake, Events().list(3))
    eventually(lambda: streams(server)["test.page"]["status"] == "fresh")
    page = Page(driver, server)
    page.forget()
    driver.get(f"{server.url}/v2/status")
    wait(driver, "document.querySelectorAll('#rows tr').length == 3")
    assert page.text("#verdict") == "All streams are well"
    assert page.text("[data-stream='test.page'] .state") == "fresh"
    assert page.text("[data-stream='demo.greeting'] .state") == "no events yet"
    assert page.texts("#incidents li span") == ["The server was started."]
    assert "kept over restarts" in page.text("#about")
    # Where nothing was counted yet there is no history.
    assert page.text("[data-stream='test.page'] .past") == "not kept"
    assert serious(page) == []
    policy = requests.get(f"{server.url}/v2/status", headers={"Accept": "text/html"}, timeout=30).headers
    assert policy["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert page.errors() == []
    server.kill()
    # As who comes back to the tab.
    page.run("document.dispatchEvent(new Event('visibilitychange'))")
    wait(driver, "document.getElementById('verdict').dataset.status == 'silent'")


def test_the_drawings_of_a_day(start, driver):
    """With figures as a server has them after a day, some of which are unknown."""
    server = start(streams=STREAMS)
    page = Page(driver, server)
    page.forget()
    driver.get(f"{server.url}/v2/status")
    wait(driver, "document.querySelectorAll('#rows tr').length == 2")
    drawn = driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        import("/v2/ui/statusgraph.js").then(({ line, runs, strip }) => {
          const values = [1, 2, null, null, 4, null];
          const svg = line(values, "words");
          const bars = strip(["fresh", null, "failing"], [9, null, 0], "bars");
          document.body.append(svg, bars);
          done({ runs: runs(values), edges: svg.querySelectorAll(".edge").length, label: svg.getAttribute("aria-label"),
            away: [...svg.querySelectorAll(".away")].map((one) => [one.getAttribute("x"), one.getAttribute("width")]),
            bars: [...bars.querySelectorAll("rect")].map((one) => [one.getAttribute("class"), one.getAttribute("height")]) });
        }, (error) => done(String(error)));""")
    assert drawn == {"runs": [[0, [1, 2]], [4, [4]]], "edges": 2, "label": "words", "away": [["2", "2"], ["5", "1"]],
                     "bars": [["fresh", "100"], ["unknown", "12"], ["failing", "25"]]}
    assert page.errors() == []
