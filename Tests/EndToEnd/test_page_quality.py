"""The page for everybody: people who use other means than their eyes, slow computers, lines that break."""

import pathlib
import threading
import time

import axe_selenium_python
import pytest
from selenium.webdriver.common.keys import Keys

from browser import chromium
from events import Events, post
from page import ROWS, Page
from server import eventually

AXE = pathlib.Path(axe_selenium_python.__file__).parent / "node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module", params=["light", "dark"])
def theme(request):
    driver = chromium(dark=request.param == "dark")
    yield driver
    driver.quit()


def serious(page):
    """What axe-core finds that keeps people out, as (rule, elements)."""
    if not page.run("return 'axe' in window"):
        page.run(AXE.read_text())
    # What passes need not be told, which takes the most of its time.
    found = page.driver.execute_async_script(
        "axe.run({ resultTypes: ['violations'] }).then(arguments[0], (error) => arguments[0](String(error)))")
    assert isinstance(found, dict), found
    return [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found["violations"]
            if one["impact"] in ("serious", "critical")]


def test_axe_finds_nothing_serious(server, theme):
    page = Page(theme, server)
    page.forget()
    post(server.intake, Events().list(30))
    page.open("#/?streams=test.page,test.change&also=number%20!%3D%203&also=wiki%20%3D%3D%20%22aawiki%22")
    eventually(lambda: page.rows())
    assert serious(page) == []
    page.open_row(0)
    for tab in ["json", "changes", "around", "fields"]:
        page.click(f"#tab-{tab}")
        page.wait("!document.getElementById('detail-body').textContent.includes('Loading')")
        assert serious(page) == [], tab
    for panel in ["top", "use", "journal"]:
        page.click(f"#open-{panel}")
        assert serious(page) == [], panel
    for menu in ["streams", "begin", "examples", "columns", "download", "settings"]:
        page.run(f"document.getElementById('{menu}-popover').showPopover()")
        assert serious(page) == [], menu
        page.run(f"document.getElementById('{menu}-popover').hidePopover()")
    page.press("?")
    assert serious(page) == [], "keys"
    page.click("#help-close")
    page.filter("number = 1")
    page.wait("document.getElementById('filter').getAttribute('aria-invalid') == 'true'")
    assert serious(page) == [], "an error"


def test_every_control_has_a_name_and_the_keyboard_reaches_it(server, driver):
    page = Page(driver, server)
    page.forget()
    post(server.intake, Events().list(3))
    page.open("#/?streams=test.page")
    page.wait_rows(3)
    names = page.run("""
        return [...document.querySelectorAll('button, input, select, a')].map((one) => [one.id || one.outerHTML,
            one.getAttribute('aria-label') || (one.labels?.length ? one.labels[0].textContent : one.textContent).trim()])
            .filter(([id]) => !["newer", "gaps", "status-action"].includes(id))""")
    assert all(name for _, name in names), [id_ for id_, name in names if not name]
    reached = set()
    page.run("document.activeElement.blur()")
    for _ in range(40):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.add(page.run("return document.activeElement.id"))
    shown = page.run("""return [...document.querySelectorAll('header button, #filter, #filter-form button, #list, #graph button, #graph select')]
        .filter((one) => one.checkVisibility() && !one.disabled).map((one) => one.id)""")
    assert set(shown) <= reached, set(shown) - reached


def test_two_hundred_events_a_second_leave_the_page_quick(server, driver, capsys):
    """The figures are printed, not asserted: they depend on what else the machine does."""
    page = Page(driver, server)
    page.forget()
    page.open("#/?streams=test.page&last=0&panel=top&top=wiki")
    page.run("""
        window.tasks = [];
        new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });""")
    events = Events()
    begin = time.monotonic()
    made = 0
    while time.monotonic() < begin + 30:
        due = min(6000, int((time.monotonic() - begin) * 200))
        if due > made:
            post(server.intake, events.list(due - made))
            made = due
        time.sleep(0.05)
    page.wait_count(made)
    tasks = page.run("return tasks")
    # While somebody scrolls through all of them, and more come.
    stop = threading.Event()
    feeder = threading.Thread(target=feed, args=(server, events, stop))
    feeder.start()
    try:
        frames = driver.execute_async_script("""
            const done = arguments[0];
            const list = document.getElementById('list');
            const frames = [];
            let last = performance.now();
            const begin = last;
            const step = (now) => {
              frames.push(now - last);
              last = now;
              list.scrollTop = (list.scrollHeight - list.clientHeight) * Math.abs(Math.sin((now - begin) / 1500));
              if (now - begin < 4000) requestAnimationFrame(step);
              else done(frames.slice(1));
            };
            requestAnimationFrame(step);""")
    finally:
        stop.set()
        feeder.join()
    with capsys.disabled():
        print(f"\n200 events/s for 30 s: {len([one for one in tasks if one > 100])} tasks over 100 ms, "
              f"longest {max(tasks, default=0):.0f} ms, {len(tasks)} over 50 ms; scrolling {1000 * len(frames) / sum(frames):.0f} frames/s")
    assert page.run(f"return {ROWS}.length") < 80
    assert page.errors() == []


def feed(server, events, stop):
    while not stop.wait(0.1):
        post(server.intake, events.list(20))


def test_no_request_leaves_the_origin(server, driver):
    page = Page(driver, server)
    page.forget()
    post(server.intake, Events().list(10, comment="https://elsewhere.example/x.png <img src=https://elsewhere.example/y.png>"))
    page.open("#/?streams=test.page")
    page.wait_rows(10)
    page.open_row(2)
    page.click("#tab-around")
    page.wait("document.querySelector('#detail-body .around') !== null")
    page.click("#open-top")
    page.click("#open-use")
    addresses = page.run("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert len(addresses) > 30
    assert [one for one in addresses if not one.startswith(server.url)] == []
    refused = driver.execute_async_script("""
        const done = arguments[0];
        document.addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective));
        fetch('https://elsewhere.example/').catch(() => {});""")
    assert refused == "connect-src", "what the page might ask elsewhere, the browser would not let it"
    driver.get_log("browser")


def test_offline_and_back_loses_nothing(start, driver):
    server = start()
    page = Page(driver, server)
    page.forget()
    events = Events()
    post(server.intake, events.list(5))
    page.open("#/?streams=test.page&columns=number")
    page.wait_rows(5)
    offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    server.kill()
    page.wait_state("waiting")
    eventually(lambda: "This computer is offline." in page.text("#journal-list"))
    server.start()
    post(server.intake, events.list(7))
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline | {"offline": False})
    page.wait_rows(12)
    assert [row[1] for row in page.rows()] == [str(number) for number in range(11, -1, -1)]
    assert not page.is_shown("#gaps")
    driver.get_log("browser")
