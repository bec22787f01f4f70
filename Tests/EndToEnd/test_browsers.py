"""Chromium: pages of other origins."""

import urllib.parse

import pytest

from browser import OtherOrigin, wait
from clients import Stream, read_events
from events import Events, post
from server import eventually


# Pages of other origins

@pytest.mark.parametrize("ids", ["json", "compact"])
def test_a_page_of_another_origin_resumes_by_itself(start, driver, ids):
    """The server dies while events come, and comes back. Events that were stored meanwhile are no loss to the page."""
    server = start()
    events = Events()
    post(server.intake, events.list(20, "test.change"))
    with OtherOrigin() as origin:
        url = f"{server.url}/v2/stream/test.change?since=2020-01-01&ids={ids}"
        driver.get(f"{origin.url}?{urllib.parse.urlencode({'url': url})}")
        wait(driver, "places.length >= 20")
        for turn in range(2):
            server.kill()
            wait(driver, f"errors >= {turn + 1}")
            server.start()
            post(server.intake, events.list(15, "test.change"))
            wait(driver, f"opened >= {turn + 2} && places.length >= {35 + 15 * turn}")
        places = [tuple(place) for place in driver.execute_script("source.close(); return places")]
        gaps = driver.execute_script("return gaps")
    assert gaps == []
    assert len(places) == len(set(places)) == 50
    stored = read_events(server.url, "/v2/stream/test.change?since=0", 50)
    for partition in range(3):
        assert [p for p in places if p[1] == partition] == [f.place for f in stored if f.place[1] == partition]


def test_a_page_gets_gzip_and_each_event_at_once(start, driver):
    server = start()
    events = Events()
    with OtherOrigin() as origin:
        url = f"{server.url}/v2/stream/test.change"
        driver.get(f"{origin.url}?{urllib.parse.urlencode({'url': url})}")
        wait(driver, "opened >= 1")
        for number in range(20):
            # Each is waited for before there is a next one that could push it out.
            post(server.intake, events.list(1, "test.change"))
            wait(driver, f"places.length == {number + 1}")
        assert eventually(lambda: server.metric("eventstreams_gzip_feeds") == 1)
        assert driver.execute_script("source.close(); return errors") == 0


def test_a_page_is_called_back_after_an_orderly_stop(start, driver):
    server = start()
    events = Events()
    post(server.intake, events.list(5))
    with OtherOrigin() as origin:
        url = f"{server.url}/v2/stream/test.page?since=2020-01-01"
        driver.get(f"{origin.url}?{urllib.parse.urlencode({'url': url})}")
        wait(driver, "places.length >= 5")
        assert server.stop() == 0
        server.start()
        post(server.intake, events.list(5))
        wait(driver, "places.length >= 10")
        assert [place[2] for place in driver.execute_script("return places")] == list(range(10))
        assert driver.execute_script("source.close(); return gaps") == []


@pytest.mark.parametrize("ids", ["json", "compact"])
@pytest.mark.parametrize("end, count", [("limit=4", 4), ("until=PT0S", 10)])
def test_a_page_that_has_all_it_asked_for_is_ended(start, driver, end, count, ids):
    """An EventSource comes back by itself after any end but a 204: it would get more, for ever."""
    server = start()
    post(server.intake, Events().list(10))
    with OtherOrigin() as origin:
        url = f"{server.url}/v2/stream/test.page?since=2020-01-01&ids={ids}&{end}"
        driver.get(f"{origin.url}?{urllib.parse.urlencode({'url': url})}")
        wait(driver, "source.readyState == EventSource.CLOSED")
        assert [place[2] for place in driver.execute_script("return places")] == list(range(count))
        assert driver.execute_script("return [opened, errors]") == [1, 2], "the end of the stream, and the 204"


def test_a_browser_over_the_limit_tries_again(start, driver):
    """429 would end its EventSource for good: it is told in-band, and comes back when there is room."""
    server = start(settings={"http.max_connections_per_address": 1})
    post(server.intake, Events().list(3))
    other = Stream(server.url, "/v2/stream/test.page")
    assert next(other.frames()).comment == "ok"
    with OtherOrigin() as origin:
        url = f"{server.url}/v2/stream/test.page?since=2020-01-01"
        driver.get(f"{origin.url}?{urllib.parse.urlencode({'url': url})}")
        wait(driver, "errors >= 1")
        assert driver.execute_script("return source.readyState") == 0, "it is connecting, not closed for ever"
        driver.execute_script("source.close()")
    other.close()
