"""The service's own page: each of its controls, and what it does when things go wrong."""

import json
import re
import shutil

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from events import STREAMS, Events, post
from page import ROWS, Page
from server import eventually


@pytest.fixture
def page(server, driver):
    page = Page(driver, server)
    page.forget()
    yield page
    assert page.errors() == [], "no error in its console"
    driver.get("about:blank")


# What is shown first

def test_the_busiest_stream_is_shown_at_once_and_a_click_pauses_it(page):
    post(page.server.intake, Events().list(5))
    page.open()
    page.wait_rows(5)
    assert page.text("#streams-label") == "test.page", "it has the newest event; the other one has none"
    assert page.hash == "/?streams=test.page"
    page.click("#pause")
    assert page.text("#pause-label") == "Resume"
    post(page.server.intake, Events(2).list(3))
    page.wait_text("#pause-label", "3 wait")
    assert len(page.rows()) == 5, "the list stands still"
    page.click("#pause")
    page.wait_rows(8)
    assert page.text("#pause-label") == "Pause"
    page.click("#clear")
    page.wait_rows(0)
    page.wait_count(0)
    post(page.server.intake, Events(3).list(1))
    page.wait_rows(1)


def test_streams_are_found_by_typing(page):
    page.open("#/?streams=test.page")
    page.press("s")
    page.wait("document.activeElement.id == 'streams-input'")
    assert sorted(page.texts("#streams-list strong")) == ["test.change", "test.page"]
    page.find("#streams-input").send_keys("chang")
    assert page.texts("#streams-list strong") == ["test.change"]
    assert "Changes." in page.text("#streams-list .option")
    page.find("#streams-input").send_keys(Keys.ENTER)
    page.wait_hash("streams=test.page,test.change")
    page.find("#streams-input").send_keys(Keys.CONTROL, "a")
    page.find("#streams-input").send_keys("nothing like it")
    assert page.is_shown("#streams-none")
    page.find("#streams-input").send_keys(Keys.CONTROL, "a")
    page.find("#streams-input").send_keys("change", Keys.SHIFT, Keys.ENTER)
    page.wait_hash("streams=test.change")
    assert "test.page" not in page.hash


def test_of_the_list_of_streams_one_is_shown_alone(page):
    page.open("#/?streams=test.page,test.change")
    page.click("#streams-button")
    page.click("[data-name='test.change'] .only")
    page.wait_hash("/?streams=test.change")
    page.click("[data-name='test.page'] strong")
    page.wait_hash("/?streams=test.change,test.page")
    page.wait_state("streaming")


@pytest.mark.parametrize("link, streams, begin", [
    ("#/?streams=test.change,test.page", "test.change,test.page", "Live, last 100"),
    ("#/?streams=change%2Cpage", "test.change,test.page", "Live, last 100"),
    ("#/?streams=page&other=1", "test.page", "Live, last 100"),
    ("#test.page?since=2020-01-01", "test.page", "Since 2020-01-01"),
    ("#page?last=10", "test.page", "Live, last 10"),
    ("#/?streams=page&last=0", "test.page", "Live, from now"),
    ("#/?streams=page&since=PT1H", "test.page", "Last hour"),
    ("#/?streams=page&last=none", "test.page", "Live, last 100"),
])
def test_a_link_chooses_streams_and_where_to_begin(page, link, streams, begin):
    """Also one to the page of Wikimedia's service, whose names stand behind `#/?streams=`."""
    page.open(link)
    page.wait_hash(f"streams={streams}")
    assert page.text("#begin-label") == begin


def test_a_link_to_a_stream_that_is_not_there_says_so(page):
    page.open("#/?streams=page,nothing,%E0%A4%A")
    page.wait_text("#banner-text", "There is no stream nothing,")
    page.click("#banner-close")
    assert not page.is_shown("#banner")


@pytest.mark.parametrize("choice, hash_, rows", [
    ("last=", "last=0", 0), ("last=10", "last=10", 10), ("since=PT1H", "since=PT1H", 12),
])
def test_where_to_begin_is_chosen_from_a_menu(page, choice, hash_, rows):
    post(page.server.intake, Events().list(12))
    page.open("#/?streams=test.page")
    page.press("b")
    page.click(f"[data-begin='{choice}']")
    page.wait_hash(hash_)
    page.wait_state("streaming")
    page.wait_rows(rows)


def test_a_span_of_time_is_shown_to_its_end(page):
    post(page.server.intake, Events().list(4))
    page.open("#/?streams=test.page&since=2020-01-01T00:00:00Z&until=PT0S", state="ended")
    page.wait_rows(4)
    assert page.text("#status") == "Complete"
    assert page.text("#begin-label") == "2020-01-01 00:00:00 – now"
    page.click("#begin-live")
    page.wait_state("streaming")
    assert "until" not in page.hash


def test_canary_events_are_shown_if_asked_for(page):
    post(page.server.intake, [Events().next(meta={"stream": "test.page", "domain": "canary"})])
    page.open("#/?streams=test.page")
    assert page.text("#empty").startswith("No event yet")
    page.press("b")
    page.click("#canary")
    page.wait_hash("canary=true")
    page.wait_rows(1)


def test_the_list_of_streams_is_asked_for_until_it_comes(page):
    page.driver.get("about:blank")
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/v2/stream"]})
    page.open(state=None)
    page.wait_text("#banner-text", "It is tried again in a moment.")
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    page.wait_state("streaming")
    assert not page.is_shown("#banner")
    page.driver.get_log("browser")


# The filter

def test_a_filter_is_completed_explained_and_applied(page):
    post(page.server.intake, Events().list(12))
    page.open("#/?streams=test.page")
    page.wait_rows(12)
    page.press("f")
    box = page.find("#filter")
    box.send_keys("num")
    assert page.texts("#filter-popup code") == ["number"]
    box.send_keys(Keys.TAB, " == ")
    page.wait("document.querySelectorAll('#filter-popup [role=option]').length > 3")
    box.send_keys("7")
    page.wait_text("#filter-say", "Events where number is 7. 1 of the newest 12 fit.")
    box.send_keys(Keys.ENTER)
    page.wait_rows(1)
    assert page.hash.endswith("filter=number%20%3D%3D%207")
    assert "7" not in page.text("#streams-label")
    box.send_keys(" || ti")
    box.send_keys(Keys.ARROW_DOWN)
    assert box.get_attribute("aria-activedescendant") == "completion-0"
    box.send_keys(Keys.ENTER, ".con")
    assert page.texts("#filter-popup code") == [".contains(\"…\")"]
    box.send_keys(Keys.ESCAPE, Keys.ESCAPE)
    assert box.get_property("value") == "number == 7", "what is in force is back"
    page.click("#filter-clear")
    page.wait_rows(12)
    assert "filter" not in page.hash


def test_what_is_wrong_with_a_filter_stands_below_it(page):
    page.open("#/?streams=test.page")
    page.filter("number = 1")
    page.wait("document.getElementById('filter').getAttribute('aria-invalid') == 'true'")
    page.wait_text("#filter-say", "expected ==")
    assert page.text("#filter-say mark") == "="
    page.click("#filter-say .place")
    assert page.run("return document.getElementById('filter').selectionStart") == 7
    page.filter("number == 1")
    page.wait_state("streaming")
    page.wait("document.getElementById('filter').getAttribute('aria-invalid') == null")


def test_an_example_is_a_filter_at_a_click(page):
    post(page.server.intake, Events().list(12))
    page.open("#/?streams=test.page")
    page.wait_rows(12)
    page.click("#examples-button")
    page.find("#examples-list button code").click()
    page.wait_hash("filter=wiki")


def test_a_value_becomes_a_condition_by_clicks(page):
    post(page.server.intake, Events().list(12, tags=["one", "two"]))
    page.open("#/?streams=test.page")
    page.wait_rows(12)
    page.open_row(0)
    wiki = page.text(page.value("wiki"))
    page.choose(page.value("wiki"), "Only events with this value")
    page.wait_hash("also=wiki%20%3D%3D")
    assert page.chips() == [f"wikiis{wiki}"]
    page.wait(f"{ROWS}.length > 0")
    assert all(row[1] == wiki for row in page.rows())
    page.click("#chips .chip-text")
    page.wait_hash("also=wiki%20!%3D")
    eventually(lambda: page.rows() and all(row[1] != wiki for row in page.rows()))
    page.choose(page.value("0"), "Only events without it")
    page.wait_rows(0)
    assert page.chips() == [f"wikiis not{wiki}", "tagshas notone"]
    page.find("#chips .plain").click()
    page.wait_rows(12)
    assert "also" not in page.hash


def test_a_cell_offers_is_and_is_not_to_the_mouse(page):
    post(page.server.intake, Events().list(12))
    page.open("#/?streams=test.page")
    page.wait_rows(12)
    cell = page.run(f"return {ROWS}[3].querySelectorAll('.cell')[1]")
    wiki = cell.text
    ActionChains(page.driver).move_to_element(cell).perform()
    page.click("#list .cell-actions button:last-child")
    page.wait_hash("also=wiki%20!%3D")
    assert page.chips() == [f"wikiis not{wiki}"]


# The list

def test_rows_are_bounded_and_the_oldest_is_reached(page):
    post(page.server.intake, Events().list(10_300))
    page.open("#/?streams=test.page&last=10000")
    page.wait_count(10_000)
    post(page.server.intake, Events(2).list(50))
    page.wait_count(10_050)
    eventually(lambda: page.find("#list").get_attribute("aria-rowcount") == "10001")
    assert page.run(f"return {ROWS}.length") < 80, "only rows in sight are elements"
    page.find("#list").send_keys(Keys.END)
    page.wait(f"{ROWS}.some((row) => row.getAttribute('aria-rowindex') == '10001')")
    page.find("#list").send_keys(Keys.HOME)
    page.wait(f"{ROWS}.some((row) => row.getAttribute('aria-rowindex') == '2')")


def test_what_somebody_looks_at_stays_in_its_place(page):
    post(page.server.intake, Events().list(100))
    page.open("#/?streams=test.page")
    page.wait_count(100)
    page.run("document.getElementById('list').scrollTop = 28 * 40")
    page.wait(f"{ROWS}.some((row) => row.getAttribute('aria-rowindex') == '45')")
    title = "return document.elementFromPoint(400, 400).textContent"
    before = page.run(title)
    post(page.server.intake, Events(2).list(10))
    page.wait_count(110)
    page.wait_text("#newer", "50 newer")
    assert page.run(title) == before
    page.click("#newer")
    page.wait("document.getElementById('list').scrollTop == 0")
    assert not page.is_shown("#newer")


def test_columns_are_chosen_resized_and_remembered(page):
    post(page.server.intake, Events().list(12))
    page.open("#/?streams=test.page")
    page.wait_rows(12)
    assert page.columns() == ["time", "wiki", "title", "comment"]
    page.click("#columns-button")
    page.find("#columns-input").send_keys("number")
    page.click("#columns-list label input")
    page.wait_hash("columns=wiki,title,comment,number")
    assert page.columns()[-1] == "number"
    page.find("#columns-input").send_keys(Keys.ESCAPE)
    page.wait("!document.getElementById('columns-popover').matches(':popover-open')")
    width = "return document.querySelectorAll('#list .list-head .cell')[1].offsetWidth"
    before = page.run(width)
    grip = page.driver.find_elements(By.CSS_SELECTOR, "#list .grip")[1]
    ActionChains(page.driver).drag_and_drop_by_offset(grip, 60, 0).perform()
    eventually(lambda: page.run(width) == before + 60)
    grip.send_keys(Keys.ARROW_LEFT)
    assert page.run(width) == before + 44
    page.open("#/?streams=test.page")
    page.wait_rows(12)
    assert page.columns() == ["time", "wiki", "title", "comment", "number"]
    assert page.run(width) == before + 44
    page.click("#columns-button")
    page.click("#columns-reset")
    assert page.columns() == ["time", "wiki", "title", "comment"]
    page.open("#/?streams=test.page&columns=number,meta.id")
    page.wait_rows(12)
    assert page.columns() == ["time", "number", "id"]
    number, id_ = page.rows()[0][1:]
    assert number == "11" and re.fullmatch(r"event-\d+-11", id_)


def test_times_are_told_by_the_clock_or_as_how_long_ago(page):
    post(page.server.intake, Events().list(1))
    page.open("#/?streams=test.page")
    page.wait_rows(1)
    assert page.rows()[0][0].count(":") == 2
    choose_setting(page, "times", "ago")
    eventually(lambda: page.rows()[0][0].endswith("ago") or page.rows()[0][0] == "now")


def choose_setting(page, name, value):
    page.click("#settings-button")
    page.click(f"[data-setting='{name}'] option[value='{value}']")
    page.find(f"[data-setting='{name}']").send_keys(Keys.ESCAPE)


# One event

def test_an_event_is_shown_as_a_tree_json_differences_and_neighbours(page):
    events = Events()
    post(page.server.intake, events.list(11, title="The same", wiki="aawiki"))
    post(page.server.intake, events.list(1, title="Another", wiki="aawiki"))
    page.open("#/?streams=test.page")
    page.wait_rows(12)
    page.open_row(5)
    page.wait_hash("event=dc1.test.page/0/6")
    assert page.text(page.value("number")) == "6"
    assert page.text("#detail-body .facts dd") == "dc1.test.page"
    page.click("#tab-json")
    assert json.loads(page.text("#detail-body pre"))["number"] == 6
    page.click("#tab-changes")
    changed = page.texts("#detail-body tbody th")
    assert "number" in changed and "title" not in changed
    page.click("#tab-around")
    page.wait("document.querySelectorAll('#detail-body .around li').length == 11")
    assert page.texts("#detail-body .around .offset") == [str(offset) for offset in range(11, 0, -1)]
    page.find("#detail-body .around li:first-child button").click()
    page.wait_hash("event=dc1.test.page/0/11")
    page.click("#tab-fields")
    assert page.text(page.value("title")) == "Another"
    page.click("#side-close")
    assert not page.is_shown("#side")
    assert "event=" not in page.hash


def test_the_keyboard_walks_from_event_to_event(page):
    post(page.server.intake, Events().list(12))
    page.open("#/?streams=test.page")
    page.wait_rows(12)
    for keys, offset in [("j", 11), ("jj", 9), ("k", 10)]:
        page.press(*keys)
        page.wait_hash(f"/0/{offset}")
    page.find("#list").send_keys(Keys.ARROW_DOWN)
    page.wait_hash("/0/9")
    page.find("#list").send_keys(Keys.ENTER)
    page.wait("document.activeElement.id == 'detail-title'")
    page.press(Keys.ESCAPE)
    page.wait("document.getElementById('side').hidden")


def test_a_link_to_an_event_shows_it(page):
    post(page.server.intake, Events().list(200))
    page.open("#/?event=dc1.test.page/0/3")
    page.wait("document.querySelector('#detail-body .tree') !== null")
    assert page.text(page.value("number")) == "3"
    page.open("#/?streams=test.page&event=dc1.test.page/0/999")
    page.wait_text("#detail-body", "not kept")


@pytest.mark.parametrize("name, count", [("page", 2), ("wiki", 3)])
def test_all_events_of_a_page_or_a_wiki_are_shown_at_a_click(page, name, count):
    events = Events()
    sorts = [("Moon", "aawiki"), ("Moon", "bbwiki"), ("Moon", "aawiki"), ("Sun", "aawiki")]
    post(page.server.intake, [events.next(title=title, wiki=wiki) for title, wiki in sorts])
    page.open("#/?streams=test.page")
    page.wait_rows(4)
    page.open_row(1)
    page.driver.find_element(By.XPATH, f"//button[text()='All of this {name}']").click()
    page.wait_rows(count)


def test_only_web_addresses_become_links(page):
    addresses = {"uri": "https://example.org/wiki/Moon", "stream": "test.page"}
    post(page.server.intake, [Events().next(meta=addresses, bad="javascript:alert(1)", other="http://[", data="data:text/html,x")])
    page.open("#/?streams=test.page")
    page.wait_rows(1)
    page.open_row(0)
    links = page.run("return [...document.querySelectorAll('#panel-event a')].map((a) => [a.href, a.rel, a.target])")
    assert links == [["https://example.org/wiki/Moon", "noopener noreferrer", "_blank"]] * 2


# Rates and frequent values

def test_a_span_of_the_graph_is_shown_by_drawing_over_it(page):
    post(page.server.intake, Events().list(20))
    page.open("#/?streams=test.page")
    page.wait_rows(20)
    page.wait_text("#graph-legend", "test.page")
    area = page.find("#graph-area")
    page.drag(area, area.size["width"] * 3 // 4, area.size["width"] - 6)
    page.wait_state("ended")
    assert "since=" in page.hash and "until=" in page.hash
    page.wait_rows(20)
    page.driver.back()
    page.wait_state("streaming")
    assert "until=" not in page.hash


def test_the_graph_is_filled_from_the_past(page):
    post(page.server.intake, Events().list(30))
    shown = "document.getElementById('graph-canvas').getAttribute('aria-label')"
    page.open("#/?streams=test.page&last=0")
    page.wait(f"/highest [1-9]/.test({shown})")
    page.click("#graph-window option[value='60']")
    page.click("#graph-past")
    page.wait(f"/over 1 h: .* highest [0-9.]*[1-9]/.test({shown})")
    page.press("g")
    assert not page.is_shown("#graph")
    page.press("g")
    assert page.is_shown("#graph")


def test_frequent_values_are_counted_in_what_was_seen_and_in_the_past(page):
    events = Events()
    post(page.server.intake, events.list(6, user="Ann") + events.list(3, user="Bob") + events.list(2))
    page.open("#/?streams=test.page&last=1")
    page.wait_rows(1)
    page.press("t")
    page.find("#top-field").send_keys("user", Keys.ENTER)
    page.wait_hash("top=user")
    page.wait_text("#top-note", "1 without the field")
    page.click("#top-source option[value='PT1H']")
    page.wait_text("#top-note", "11 events, 2 different values")
    assert page.texts("#top-list .value") == ["Ann", "Bob"]
    page.choose("#top-list .value", "Only events without it")
    page.wait_hash("also=user%20!%3D%20%22Ann%22")
    page.wait_text("#top-note", "5 events, 1 different value")


# Elsewhere

def test_the_same_stream_is_written_for_other_programs(page):
    page.open("#/?streams=test.page&since=PT1H&filter=title%20%3D%3D%20%22it's%22&also=wiki%20%3D%3D%20%22x%22")
    page.press("u")
    curl = page.text("#use-curl")
    assert "--data-urlencode since=PT1H" in curl
    assert """'filter=title == "it'\\''s" && wiki == "x"'""" in curl
    assert page.text("#use-consume").startswith("eventstreams consume 'http://")
    for kind in ["javascript", "python"]:
        assert "filter=title%20%3D%3D%20%22it's%22%20%26%26%20wiki" in page.text(f"#use-{kind}")


def test_what_was_seen_is_saved_as_ndjson_and_csv(page, tmp_path):
    post(page.server.intake, Events().list(3) + [Events().next(title="=1+1", wiki='a "b", c')])
    page.open("#/?streams=test.page")
    page.wait_rows(4)
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    for kind in ["ndjson", "csv"]:
        page.click("#download-button")
        page.click(f"#download-{kind}")
        eventually(lambda: list(tmp_path.glob(f"*.{kind}")))
    lines = eventually(lambda: [json.loads(line) for line in next(tmp_path.glob("*.ndjson")).read_text().splitlines()])
    assert [line["meta"]["offset"] for line in lines] == [0, 1, 2, 3]
    table = eventually(lambda: next(tmp_path.glob("*.csv")).read_text())
    assert table.splitlines()[0] == "meta.dt,meta.stream,meta.topic,meta.partition,meta.offset,wiki,title,comment"
    assert '"a ""b"", c",\'=1+1,' in table, "a spreadsheet runs no formula"


# What goes wrong

def test_a_lost_line_is_told_and_nothing_is_missing_after_it(start, driver):
    server = start()
    page = Page(driver, server)
    events = Events()
    post(server.intake, events.list(5))
    page.forget()
    page.open("#/?streams=test.page&columns=number")
    page.wait_rows(5)
    server.kill()
    page.wait_state("waiting")
    assert "Reconnecting" in page.text("#status")
    server.start()
    post(server.intake, events.list(5))
    page.run("document.getElementById('status-action').click()")
    page.wait_rows(10)
    assert [row[-1] for row in page.rows()] == [str(number) for number in range(9, -1, -1)]
    page.press("n")
    page.wait_text("#journal-list", "goes on from where it was")
    page.click("#side-close")
    # The log is made anew: what the page saw last is not in it.
    server.kill()
    shutil.rmtree(server.data)
    server.start()
    post(server.intake, events.list(2))
    page.wait("document.querySelector('#list .row.gap:not([hidden])') !== null")
    assert page.is_shown("#gaps")
    page.click("#gaps")
    page.wait_text("#journal-list .gap", "dc1.test.page, partition 0")


def test_a_refused_stream_says_why(start, driver):
    server = start(settings={"streams.ttl": "1s"})
    page = Page(driver, server)
    page.forget()
    page.open("#/?streams=test.page")
    server.configure({"test.change": STREAMS["test.change"]})
    page.wait_state("failed")
    page.wait_text("#banner-text", "test.page")
    assert page.text("#status-action") == "Try again"


def test_a_tab_in_the_background_stops_and_goes_on_without_loss(page):
    events = Events()
    post(page.server.intake, events.list(3))
    page.open("#/?streams=test.page")
    page.run("localStorage.setItem('eventstreams.sleep', '0.2')")
    page.driver.refresh()
    page.wait_rows(3)
    hide(page, True)
    page.wait_state("asleep")
    post(page.server.intake, events.list(4))
    hide(page, False)
    page.wait_state("streaming")
    page.wait_rows(7)
    assert page.text("#gaps") == "0 gaps"


def test_so_much_waits_while_it_is_paused_and_the_rest_stays_at_the_server(page):
    events = Events()
    page.open("#/?streams=test.page&last=0&columns=number")
    page.press("p")
    page.wait_state("paused")
    post(page.server.intake, events.list(10_200))
    page.wait_text("#status", "Paused, full")
    waiting = int(page.run("return document.getElementById('count').textContent").replace(",", ""))
    assert 10_000 <= waiting < 10_200
    page.press("p")
    page.wait_count(10_200)
    page.wait(f"{ROWS}.some((row) => row.textContent.endsWith('10199'))")
    assert not page.is_shown("#gaps")


def test_somebody_who_looks_elsewhere_is_told_of_events(page):
    page.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["notifications"]})
    page.open("#/?streams=test.page&last=0")
    page.run("""
        window.told = [];
        const Real = window.Notification;
        window.Notification = class { constructor(title, { body }) { told.push([title, body]); } };
        window.Notification.permission = Real.permission;
        window.AudioContext = class { constructor() { told.push("sound"); throw new Error("no sound here"); } };""")
    page.click("#settings-button")
    page.click("[data-setting='notify']")
    page.click("[data-setting='sound']")
    page.find("[data-setting='sound']").send_keys(Keys.ESCAPE)
    page.wait("told.length == 1")
    hide(page, True)
    post(page.server.intake, [Events().next(title="Moon <b>")])
    page.wait("told.length == 3")
    assert page.run("return told")[1:] == ["sound", ["An event", page.run("return told[2][1]")]]
    assert "Moon <b>" in page.run("return told[2][1]")
    hide(page, False)


def test_notifications_that_are_not_allowed_are_not_promised(page):
    page.driver.execute_cdp_cmd("Browser.setPermission", {"permission": {"name": "notifications"}, "setting": "denied"})
    page.open("#/?streams=test.page")
    page.click("#settings-button")
    page.click("[data-setting='notify']")
    page.wait_text("#banner-text", "not allowed")
    assert not page.run("return document.querySelector(\"[data-setting='notify']\").checked")


def hide(page, is_hidden):
    """As if another tab were in front of this one."""
    page.run("""
        Object.defineProperty(document, 'hidden', { configurable: true, value: arguments[0] });
        document.dispatchEvent(new Event('visibilitychange'))""", is_hidden)


def test_what_is_shown_is_the_same_after_a_reload_and_after_back(page):
    post(page.server.intake, Events().list(12))
    page.open("#/?streams=test.page")
    page.wait_rows(12)
    page.filter("number < 6")
    page.wait_rows(6)
    page.open_row(2)
    page.wait_hash("event=")
    page.click("#open-top")
    page.find("#top-field").send_keys("wiki", Keys.ENTER)
    page.wait_hash("top=wiki")
    before = page.hash
    page.driver.refresh()
    page.wait_rows(6)
    assert page.hash == before
    assert page.run("return document.getElementById('filter').value") == "number < 6"
    assert page.is_shown("#panel-top")
    page.driver.back()
    page.wait_rows(6)
    assert not page.is_shown("#side")
    page.driver.back()
    page.wait_rows(12)
    assert page.run("return document.getElementById('filter').value") == ""
    page.driver.forward()
    page.wait_rows(6)


# Theme, keys

def test_dark_and_light_are_chosen_and_remembered(page):
    page.open("#/?streams=test.page")
    colour = "return getComputedStyle(document.body).backgroundColor"
    light = page.run(colour)
    page.press("d")
    dark = page.run(colour)
    assert dark != light
    page.open("#/?streams=test.page")
    assert page.run(colour) == dark
    choose_setting(page, "theme", "light")
    eventually(lambda: page.run(colour) == light)


def test_the_sheet_of_keys_opens_and_closes(page):
    page.open("#/?streams=test.page")
    page.press("?")
    page.wait("document.getElementById('help').open")
    assert "Pause" in page.text("#help-keys")
    page.click("#help-close")
    page.press("p")
    page.wait_state("paused")
    page.press("p")
    page.wait_state("streaming")


@pytest.mark.parametrize("path", ["", "doc.html"])
def test_it_fits_a_phone(server, driver, path):
    post(server.intake, Events().list(5))
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
    try:
        page = Page(driver, server)
        page.open(path, state=None if path else "streaming")
        assert page.run("return document.documentElement.scrollWidth") <= 360, "nothing to scroll sideways"
        if not path:
            page.wait_rows(5)
            assert page.run(f"return {ROWS}[4].getBoundingClientRect().bottom") <= 740, "events are seen without scrolling"
            page.open_row(1)
            assert page.run("return document.getElementById('side').getBoundingClientRect().width") == 360
            page.click("#side-close")
            wide = "return [...document.querySelectorAll('header button')].filter((b) => b.checkVisibility()).map((b) => b.getBoundingClientRect().right)"
            assert max(page.run(wide)) <= 360
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
