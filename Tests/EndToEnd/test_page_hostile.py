"""Events that want to run something on the page, or to break it."""

import pytest
from selenium.webdriver.common.keys import Keys

from events import Events, post, post_bytes
from page import ROWS, Page

MARKUP = "<img src=x onerror='document.title=\"owned\"'><script>document.title='owned'</script>"


@pytest.fixture
def page(server, driver):
    page = Page(driver, server)
    page.forget()
    yield page
    assert page.errors() == [], "no error in its console"
    assert "owned" not in driver.title
    assert page.run("return document.querySelectorAll('#work img, #work script, #work iframe').length") == 0
    driver.get("about:blank")


def look_everywhere(page):
    """Opens every part that shows something of an event."""
    for tab in ["json", "changes", "around", "fields"]:
        page.click(f"#tab-{tab}")
        page.wait("document.getElementById('detail-body').textContent !== ''")
    page.click("#open-top")
    page.run("document.getElementById('top-field').value = 'title'; document.getElementById('top-field').dispatchEvent(new Event('change'))")
    page.wait("document.querySelectorAll('#top-list li').length > 0")
    page.click("#open-use")
    page.click("#open-journal")
    page.click("#side-event")


def test_what_an_event_holds_is_never_read_as_html(page):
    event = Events().next(title=MARKUP, user=MARKUP, wiki=MARKUP, **{MARKUP: {MARKUP: MARKUP}})
    event["meta"]["uri"] = "javascript:document.title='owned'"
    post(page.server.intake, [event])
    page.open("#/?streams=test.page&filter=title%20!%3D%20%22%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%22")
    page.wait_rows(1)
    assert MARKUP in page.rows()[0]
    page.open_row(0)
    look_everywhere(page)
    page.click("#columns-button")
    page.find("#columns-input").send_keys(Keys.ESCAPE)
    page.choose(page.value("title"), "Only events with this value")
    page.wait_rows(1)
    assert MARKUP[:40] in page.chips()[0]


def test_marks_that_turn_the_direction_of_text_are_shown_as_such(page):
    post(page.server.intake, [Events().next(title="ab\u202edc\u2067x", wiki="\u202eikiw")])
    page.open("#/?streams=test.page")
    page.wait_rows(1)
    assert page.rows()[0][1:3] == ["\\u202eikiw", "ab\\u202edc\\u2067x"]
    page.open_row(0)
    assert page.text(page.value("title")) == "ab\\u202edc\\u2067x"


@pytest.mark.parametrize("what", ["a million characters", "deep", "a long list", "many fields"])
def test_events_of_any_size_and_shape_are_shown_in_pieces(page, what):
    values = {
        "a million characters": '"' + "x" * 700_000 + '"', "deep": '{"a":' * 60 + "1" + "}" * 60,
        "a long list": "[" + ",".join(map(str, range(100_000))) + "]",
        "many fields": "{" + ",".join(f'"f{number}":{number}' for number in range(40_000)) + "}",
    }
    body = '{"meta":{"stream":"test.page"},"title":"t","wiki":"aawiki","big":' + values[what] + "}"
    answer = post_bytes(page.server.intake, body.encode())
    assert answer.status_code == 201, answer.text[:300]
    post(page.server.intake, Events().list(1))
    page.open("#/?streams=test.page&columns=title,big")
    page.wait_rows(2)
    page.open_row(1)
    page.wait("document.querySelector('#detail-body .tree') !== null")
    assert page.run("return document.querySelectorAll('*').length") < 2500, "what nobody opened is not there"
    if what == "deep":
        for _ in range(30):
            page.run("[...document.querySelectorAll('#detail-body details:not([open])')].pop().open = true")
            page.wait("document.querySelectorAll('#detail-body details:not([open])').length > 0")
        assert page.run("return document.getElementById('detail-body').scrollWidth <= document.getElementById('side').offsetWidth + 40")
    elif what == "a million characters":
        assert page.run("return document.body.textContent.length") < 50_000, "what nobody asked for is not there"
        page.click("#detail-body .leaf .more")
        assert page.run("return document.querySelector('#detail-body .whole').textContent.length") < 100_100
    else:
        page.run("for (const one of document.querySelectorAll('#detail-body details')) one.open = true")
        page.wait("document.querySelector('#detail-body ul .more') !== null")
        page.click("#detail-body ul .more")
        page.wait("document.querySelectorAll('#detail-body .leaf').length > 200")
    look_everywhere(page)


def test_fields_with_names_of_the_language_are_fields(page):
    body = ('{"meta":{"stream":"test.page"},"title":"t","wiki":"w","__proto__":{"polluted":1},"constructor":"c",'
            '"hasOwnProperty":1,"toString":"s","number":12345678901234567890,"lone":"\\ud800","":1}')
    assert post_bytes(page.server.intake, body.encode()).status_code == 201
    page.open("#/?streams=test.page&columns=__proto__.polluted,constructor,toString")
    page.wait_rows(1)
    assert page.rows()[0][1:] == ["1", "c", "s"]
    page.open_row(0)
    assert page.text(page.value("number")) == "12345678901234567890"
    look_everywhere(page)
    assert page.run("return ({}).polluted === undefined")
    page.choose(page.value("constructor"), "Only events with this value")
    page.wait_rows(1)


def test_an_address_of_anyone_runs_nothing(page):
    page.open("#/?streams=test.page&filter=%3Cscript%3E&also=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&columns=%3Cb%3E,`&top=%3Cb%3E&panel=top&event=%3Cb%3E/0/1", state="failed")
    assert page.run("return document.querySelectorAll('#chips img').length") == 0
    page.click("#chips .chip-remove")
    page.click("#filter-clear")
    page.wait_state("streaming")
    assert page.run(f"return {ROWS}.length") == 0
    page.driver.get_log("browser")  # No stream has that topic, and Chromium says that there was a 404.
