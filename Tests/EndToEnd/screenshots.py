"""Draws the page in its states: python screenshots.py DIRECTORY."""

import base64
import datetime
import math
import pathlib
import random
import sys
import tempfile
import threading
import time

from selenium.webdriver.common.action_chains import ActionChains

from browser import chromium
from events import post
from page import ROWS, Page
from server import Server

STREAMS = {
    "mediawiki.recentchange": {"topics": ["demo.mediawiki.recentchange"], "stream_aliases": ["recentchange"], "partitions": 3,
                               "description": "Every change of every wiki, as it is made."},
    "mediawiki.page-create": {"topics": ["demo.mediawiki.page-create"], "description": "The first revision of a page was saved."},
    "mediawiki.revision-create": {"topics": ["demo.mediawiki.revision-create"], "description": "A revision was saved."},
}
WIKIS = ["endemo"] * 8 + ["dedemo"] * 4 + ["frdemo"] * 3 + ["datademo"] * 6 + ["esdemo", "itdemo", "pldemo"]
FIRST = ["Amber", "Copper", "Quiet", "Northern", "Old", "Hidden", "Winter", "Lower", "Silver", "Long", "Broken", "Green"]
SECOND = ["Harbour", "Meadow", "Lantern", "Bridge", "Tower", "River", "Archive", "Society", "Clockmaker", "Orchard", "Hill"]
PEOPLE = ["Quillmoss", "Amberline", "Copperkettle", "Rivet", "Propertyplum", "Inkwell", "Statementweaver", "Œillet", "Lindenblatt"]
COMMENTS = ["typo", "linked [[Harbour]]", "/* History */ a source for the date", "moved to the table", "new section", "+ image", "reworded"]
MINUTES = 6


class Invented:
    """Events of wikis that do not exist, in the shape of Wikimedia's."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.number = 900_000_000

    def next(self, time_):
        any_ = self.random.choice
        self.number += 1
        stream = self.random.choices(list(STREAMS), [7, 1, 2])[0]
        wiki, title = any_(WIKIS), f"{any_(FIRST)} {any_(SECOND)}"
        if wiki == "datademo":
            title = f"Q{self.random.randrange(10_000, 99_999)}"
        is_bot = self.random.random() < 0.3
        user = any_(PEOPLE) + ("Bot" if is_bot else "")
        length = self.random.randrange(400, 60_000)
        domain = f"{wiki.removesuffix('demo')}.demo.example"
        dt = datetime.datetime.fromtimestamp(time_, datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "$schema": "/mediawiki/recentchange/1.0.0",
            "meta": {"uri": f"https://{domain}/wiki/{title.replace(' ', '_')}", "id": str(self.number), "dt": dt, "domain": domain, "stream": stream},
            "id": self.number, "type": any_(["edit"] * 7 + ["categorize", "new", "log"]), "namespace": any_([0] * 6 + [1, 2, 14]),
            "title": title, "comment": any_(COMMENTS), "timestamp": int(time_), "user": user, "bot": is_bot, "minor": any_([True, False]),
            "length": {"old": length, "new": max(0, length + int(self.random.gauss(40, 500)))},
            "revision": {"old": self.number - 7_000, "new": self.number - 3}, "server_name": domain, "wiki": wiki,
            "tags": self.random.sample(["mobile edit", "mobile web edit", "visualeditor", "reverted"], self.random.choice([0, 0, 1, 2])),
        }

    def past(self, now):
        """Those of the last minutes: now more, now fewer."""
        times = []
        for second in range(int(now) - MINUTES * 60, int(now)):
            rate = 9 + 5 * math.sin(second / 37) + (14 if second % 97 < 9 else 0)
            times += sorted(second + self.random.random() for _ in range(max(0, round(self.random.gauss(rate, 2)))))
        return [self.next(time_) for time_ in times]


def feed(server, invented, stop):
    while not stop.wait(0.1):
        try:
            post(server.intake, [invented.next(time.time()) for _ in range(invented.random.choice([0, 1, 1, 2]))])
        except (OSError, AssertionError):
            return


def draw(page, directory, name):
    picture = page.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": 70})
    (directory / f"{name}.webp").write_bytes(base64.b64decode(picture["data"]))
    print(f"{name}.webp", flush=True)


def fill(page):
    """Shows rates of the past too, and waits until they are drawn."""
    page.click("#graph-past")
    page.wait("document.getElementById('graph-past').textContent.startsWith('Fill')")
    time.sleep(1.5)


def desktop(page, directory):
    page.open("#/?streams=mediawiki.recentchange,mediawiki.revision-create,mediawiki.page-create&last=1000")
    page.wait(f"{ROWS}.length > 15")
    fill(page)
    draw(page, directory, "desktop")
    page.open_row(4)
    draw(page, directory, "detail")
    page.open("#/?streams=mediawiki.recentchange&last=1000&also=bot%20!%3D%20true&panel=top&top=wiki")
    page.wait("document.querySelectorAll('#top-list li').length > 3")
    area = page.find("#graph-area")
    page.wait("/highest [1-9]/.test(document.getElementById('graph-canvas').getAttribute('aria-label'))")
    time.sleep(1.5)
    actions = ActionChains(page.driver).move_to_element_with_offset(area, 100, 0).click_and_hold().move_by_offset(110, 0).move_by_offset(110, 0)
    actions.perform()
    draw(page, directory, "graph")
    ActionChains(page.driver).release().perform()


def trouble(page, directory, server):
    page.open("#/?streams=mediawiki.recentchange&last=1000&panel=journal&filter=wiki%20%3D%3D%20%22endemo%22")
    page.wait(f"{ROWS}.length > 5")
    page.find("#filter").send_keys(" && user = 1")
    page.wait("document.getElementById('filter').getAttribute('aria-invalid') == 'true'")
    server.kill()
    page.wait_state("waiting")
    draw(page, directory, "error")


def main(directory):
    with tempfile.TemporaryDirectory() as place:
        server = Server(pathlib.Path(place) / "server", streams=STREAMS).start()
        invented, stop = Invented(7), threading.Event()
        post(server.intake, invented.past(time.time()))
        feeder = threading.Thread(target=feed, args=(server, invented, stop))
        feeder.start()
        drivers = []
        try:
            for name, dark, width, height in [("light", False, 1360, 850), ("dark", True, 1360, 850), ("phone", False, 500, 900)]:
                driver = chromium(width=width, height=height, dark=dark)
                drivers.append(driver)
                if name != "phone":
                    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
                page = Page(driver, server)
                page.forget()
                if name == "light":
                    desktop(page, directory)
                elif name == "dark":
                    page.open("#/?streams=mediawiki.recentchange,mediawiki.revision-create&last=1000")
                    page.wait(f"{ROWS}.length > 15")
                    fill(page)
                    page.open_row(3)
                    draw(page, directory, "dark")
                else:
                    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 780, "deviceScaleFactor": 2, "mobile": True})
                    page.open("#/?streams=mediawiki.recentchange&last=1000")
                    page.wait(f"{ROWS}.length > 8")
                    time.sleep(1.5)
                    draw(page, directory, "phone")
                    page.forget()
            driver = drivers[0]
            trouble(Page(driver, server), directory, server)
        finally:
            stop.set()
            feeder.join()
            for driver in drivers:
                driver.quit()
            server.kill()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
