"""The service's own page, as a person uses it."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import wait
from server import eventually

STATE = "document.getElementById('status').dataset.state"
ROWS = "[...document.querySelectorAll('#list .list-space .row:not([hidden])')]"


class Page:
    """One browser at the page of one server."""

    def __init__(self, driver, server):
        self.driver = driver
        self.server = server

    def open(self, hash_="", state="streaming"):
        """Opens the page as a new visitor of that link does, and waits until it stands so."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.server.url}/v2/ui/{hash_}")
        if state:
            self.wait_state(state)
        return self

    def forget(self):
        """As if nobody had been here before."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.server.url}/robots.txt")
        self.driver.execute_script("localStorage.clear()")
        self.driver.get("about:blank")
        self.driver.get_log("browser")

    def wait(self, condition):
        return wait(self.driver, condition)

    def wait_state(self, state):
        self.wait(f"{STATE} == '{state}'")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def click(self, selector):
        self.find(selector).click()

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector).strip()

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent.trim())", selector)

    def is_shown(self, selector):
        return self.run("const one = document.querySelector(arguments[0]); return one !== null && one.checkVisibility()", selector)

    def wait_count(self, count):
        self.wait(f"document.getElementById('count').textContent == '{count:,}'")

    def wait_text(self, selector, part):
        eventually(lambda: part in self.text(selector))

    @property
    def hash(self):
        return self.driver.current_url.partition("#")[2]

    def wait_hash(self, part):
        eventually(lambda: part in self.hash)

    # The list

    def wait_rows(self, count):
        self.wait(f"{ROWS}.length == {count}")

    def rows(self):
        """The texts of the rows in sight, newest first, each a list of its cells."""
        return self.run(f"""
            return {ROWS}.sort((a, b) => a.getAttribute('aria-rowindex') - b.getAttribute('aria-rowindex'))
                .map((row) => [...row.querySelectorAll('.cell')].map((cell) => cell.textContent))""")

    def open_row(self, index):
        """Clicks the row that is so many places below the newest."""
        row = self.run(f"return {ROWS}.find((row) => row.getAttribute('aria-rowindex') == arguments[0])", index + 2)
        ActionChains(self.driver).move_to_element(row).click().perform()
        self.wait("!document.getElementById('panel-event').hidden")

    def columns(self):
        return self.texts("#list .list-head bdi")

    # The filter

    def filter(self, text):
        box = self.find("#filter")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(text, Keys.ESCAPE) if not text else box.send_keys(text)
        self.run("document.getElementById('filter-form').requestSubmit()")

    def chips(self):
        return self.texts("#chips .chip .chip-text")

    # A menu of a value

    def choose(self, selector, item):
        """Presses a value and takes what the menu offers under that name."""
        self.click(selector)
        self.wait("document.getElementById('value-menu').matches(':popover-open')")
        items = self.driver.find_elements(By.CSS_SELECTOR, "#value-menu [role=menuitem]")
        next(one for one in items if one.text == item).click()

    def value(self, key):
        """A selector of the value with this key in an event's tree."""
        return self.run("""
            const keys = [...document.querySelectorAll('#detail-body .leaf > .key')];
            const found = keys.find((one) => one.textContent === arguments[0]).nextElementSibling;
            found.id ||= `value-${Math.random().toString(36).slice(2)}`;
            return '#' + found.id""", key)

    def press(self, *keys):
        """Keys that the page as a whole listens to."""
        self.run("document.activeElement.blur()")
        ActionChains(self.driver).send_keys(*keys).perform()

    def drag(self, element, start, end):
        """From one place to another on an element, both counted from its left side."""
        width = element.size["width"]
        actions = ActionChains(self.driver)
        actions.move_to_element_with_offset(element, int(start - width / 2), 0).click_and_hold()
        actions.move_by_offset(int((end - start) / 2), 0).move_by_offset(int(end - start - int((end - start) / 2)), 0)
        actions.release().perform()

    def errors(self):
        """What the console has to say, but for answers to filters that are none."""
        log = [entry for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        return [entry for entry in log if "filter=" not in entry["message"]]
