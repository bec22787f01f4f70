"""Chromium: pages of other origins, and the service's own page."""

import shutil
import urllib.parse

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import OtherOrigin, chromium, wait
from clients import Stream, ask, read_events
from events import STREAMS, Events, post
from server import eventually


@pytest.fixture(scope="module")
def driver():
    driver = chromium()
    yield driver
    driver.quit()


def click(driver, selector):
    driver.find_element(By.CSS_SELECTOR, selector).click()


def text(driver, selector):
    return driver.find_element(By.CSS_SELECTOR, selector).text


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


# The page

STATUS = "document.getElementById('status').dataset.state"


@pytest.fixture
def page(server, driver):
    driver.get("about:blank")
    driver.get(f"{server.url}/v2/ui/")
    wait(driver, "document.querySelectorAll('.stream').length == 2")
    driver.get_log("browser")
    return server


def test_the_page_shows_events_after_start(page, driver):
    assert driver.find_element(By.ID, "start").get_property("disabled"), "there is nothing to start yet"
    click(driver, "input[value='test.page']")
    click(driver, "#start")
    wait(driver, f"{STATUS} == 'streaming'")
    post(page.intake, Events().list(3))
    wait(driver, "document.querySelectorAll('.rows > li').length == 3")
    eventually(lambda: text(driver, "#count") == "3")
    click(driver, ".rows > li:first-child button")
    shown = text(driver, ".rows pre")
    assert '"number": 2' in shown and '"offset": 2' in shown, "the newest is first, its JSON spread out"
    click(driver, "#stop")
    assert driver.execute_script(f"return {STATUS}") == "stopped"
    post(page.intake, Events().list(3))
    assert not [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"], "no error in its console"


def test_what_is_chosen_is_kept_in_the_address(page, driver):
    click(driver, "input[value='test.change']")
    click(driver, "input[value='test.page']")
    address = driver.current_url
    assert address.endswith("#test.change,test.page")
    driver.get("about:blank")
    driver.get(address)
    wait(driver, "document.querySelectorAll('.stream input:checked').length == 2")
    assert text(driver, "#address").endswith("/v2/stream/test.change,test.page")


def go(driver, address):
    """Opens an address of the page as a new visitor does: a change behind the # alone loads nothing."""
    driver.get("about:blank")
    driver.get(address)
    wait(driver, "document.querySelectorAll('.stream').length == 2")


@pytest.mark.parametrize("link, chosen, begin", [
    ("#/?streams=test.change,test.page", ["test.change", "test.page"], ""),
    ("#/?streams=test.change%2Cpage", ["test.change", "test.page"], ""),
    ("#/?streams=test.page&other=1", ["test.page"], ""), ("#/", [], ""),
    ("#test.page?since=2020-01-01", ["test.page"], "since=2020-01-01"), ("#%E0%A4%A", [], ""),
])
def test_a_link_chooses_streams(page, driver, link, chosen, begin):
    """Also one to the page of Wikimedia's service, whose names stand behind `#/?streams=`."""
    go(driver, f"{page.url}/v2/ui/{link}")
    checked = "return [...document.querySelectorAll('.stream input:checked')].map((input) => input.value)"
    assert driver.execute_script(checked) == chosen
    assert driver.execute_script("return document.getElementById('begin').value") == begin
    click(driver, "#clear")


def test_a_filter_lets_through_what_it_says_and_stands_in_the_address(page, driver):
    go(driver, f"{page.url}/v2/ui/#test.page?since=2020-01-01&filter=number%20%3D%3D%201")
    assert driver.execute_script("return document.getElementById('filter').value") == "number == 1"
    post(page.intake, Events().list(3))
    click(driver, "#start")
    wait(driver, "document.querySelectorAll('.rows > li').length == 1")
    click(driver, ".rows > li:first-child button")
    assert '"number": 1' in text(driver, ".rows pre")
    click(driver, "#stop")
    assert driver.current_url.endswith("filter=number%20%3D%3D%201")


def test_what_is_wrong_with_a_filter_stands_below_it(page, driver):
    click(driver, "input[value='test.page']")
    driver.find_element(By.ID, "filter").send_keys("number == ")
    click(driver, "#start")
    wait(driver, "!document.getElementById('filter-error').hidden")
    assert "column" in text(driver, "#filter-error")
    assert text(driver, "#start") == "Start"
    assert driver.find_element(By.ID, "filter").get_attribute("aria-invalid") == "true"
    driver.find_element(By.ID, "filter").send_keys("1")
    assert driver.execute_script("return document.getElementById('filter-error').hidden")


def test_a_link_to_a_stream_that_is_not_there_says_so(page, driver):
    go(driver, f"{page.url}/v2/ui/#/?streams=page,nothing")
    assert text(driver, "#notice") == "There is no stream nothing here."


def test_an_alias_in_the_address_is_the_stream(page, driver):
    driver.get(f"{page.url}/v2/ui/#page?last=10")
    driver.refresh()
    wait(driver, "document.querySelector('input[value=\"test.page\"]')?.checked")
    assert driver.execute_script("return document.getElementById('begin').value") == "last=10"


def test_what_an_event_holds_is_never_read_as_html(page, driver):
    hostile = "<img src=x onerror='document.title=\"owned\"'><script>document.title='owned'</script>"
    click(driver, "input[value='test.page']")
    click(driver, "#start")
    wait(driver, f"{STATUS} == 'streaming'")
    post(page.intake, [Events().next(title=hostile, user=hostile)])
    wait(driver, "document.querySelectorAll('.rows > li').length == 1")
    assert hostile in text(driver, ".row .what")
    click(driver, ".row")
    assert "onerror" in text(driver, ".rows pre")
    assert driver.execute_script("return document.querySelectorAll('.rows img, .rows script').length") == 0
    assert driver.title == "EventStreams"


def test_rows_are_bounded_and_the_page_says_so(page, driver):
    click(driver, "input[value='test.page']")
    click(driver, "#start")
    wait(driver, f"{STATUS} == 'streaming'")
    post(page.intake, Events().list(400))
    eventually(lambda: text(driver, "#count") == "400")
    eventually(lambda: text(driver, "#shown") == "newest first, the last 100 shown")
    assert driver.execute_script("return document.querySelectorAll('.rows > li').length") == 100
    click(driver, ".rows > li:last-child button")
    assert '"number": 300' in text(driver, ".rows pre"), "those are the newest, and none between them is missing"


def test_a_hundred_events_ago_shows_a_hundred(page, driver):
    post(page.intake, Events().list(150))
    go(driver, f"{page.url}/v2/ui/#test.page?last=100")
    click(driver, "#start")
    wait(driver, "document.querySelectorAll('.rows > li').length == 100")


def test_stop_and_start_keep_the_place(page, driver):
    events = Events()
    post(page.intake, events.list(10))
    go(driver, f"{page.url}/v2/ui/#test.page?last=10")
    for total in (10, 15):
        click(driver, "#start")
        wait(driver, f"document.querySelectorAll('.rows > li').length == {total}")
        click(driver, "#stop")
        assert text(driver, "#start") == "Go on"
        # These come while nobody reads.
        post(page.intake, events.list(5))
    # Another choice begins anew, and so does one that was cleared.
    click(driver, "input[value='test.change']")
    assert text(driver, "#start") == "Start"
    click(driver, "input[value='test.change']")
    assert text(driver, "#start") == "Go on"
    click(driver, "#clear")
    assert text(driver, "#start") == "Start"
    click(driver, "#start")
    wait(driver, "document.querySelectorAll('.rows > li').length == 10")


def test_the_page_reconnects_and_shows_gaps(start, driver):
    server = start()
    events = Events()
    driver.get(f"{server.url}/v2/ui/#test.page?last=10")
    driver.refresh()
    wait(driver, "document.querySelector('input[value=\"test.page\"]')?.checked")
    click(driver, "#start")
    wait(driver, f"{STATUS} == 'streaming'")
    post(server.intake, events.list(5))
    wait(driver, "document.querySelectorAll('.rows > li').length == 5")
    server.kill()
    wait(driver, f"{STATUS} == 'reconnecting'")
    # The log is made anew: what the page saw last is not in it.
    shutil.rmtree(server.data)
    server.start()
    post(server.intake, events.list(2))
    wait(driver, "document.querySelectorAll('.rows > li.gap').length >= 1")
    wait(driver, f"{STATUS} == 'streaming'")
    eventually(lambda: text(driver, "#gaps") != "0")
    click(driver, "#stop")


def test_the_page_says_why_a_stream_is_refused(start, driver):
    server = start(settings={"streams.ttl": "1s"})
    driver.get(f"{server.url}/v2/ui/")
    wait(driver, "document.querySelectorAll('.stream').length == 2")
    server.configure({"test.change": STREAMS["test.change"]})
    eventually(lambda: ask(server.url, "/v2/stream/test.page", "HEAD").status == 404)
    click(driver, "input[value='test.page']")
    click(driver, "#start")
    wait(driver, f"{STATUS} == 'failed'")
    eventually(lambda: "test.page" in text(driver, "#notice"))


def test_the_page_fits_a_phone(server):
    driver = chromium(width=500, height=800)
    try:
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
        for page in ["", "doc.html"]:
            driver.get(f"{server.url}/v2/ui/{page}")
            if not page:
                wait(driver, "document.querySelectorAll('.stream').length == 2")
            assert driver.execute_script("return document.documentElement.scrollWidth") <= 360, "nothing to scroll sideways"
            if not page:
                click(driver, "input[value='test.page']")
                click(driver, "#start")
                wait(driver, f"{STATUS} == 'streaming'")
                post(server.intake, Events().list(3))
                wait(driver, "document.querySelectorAll('.rows > li').length == 3")
                bottom = "return document.querySelector('.rows > li:last-child').getBoundingClientRect().bottom"
                assert driver.execute_script(bottom) <= 740, "events are seen without scrolling"
                click(driver, "#stop")
    finally:
        driver.quit()


def test_every_control_has_a_name_and_the_keyboard_reaches_it(page, driver):
    names = driver.execute_script("""
        return [...document.querySelectorAll('button, input, select, a')].filter((e) => e.id !== 'address').map((e) =>
            (e.labels && e.labels.length ? e.labels[0].textContent : e.textContent).trim())""")
    assert all(names), names
    assert driver.execute_script("return document.documentElement.lang") == "en"
    driver.execute_script("document.querySelector('input[value=\"test.page\"]').focus()")
    active = driver.switch_to.active_element
    active.send_keys(Keys.SPACE)
    active.send_keys(Keys.ENTER)
    wait(driver, f"{STATUS} == 'streaming'")
    click(driver, "#stop")
