"""Chromium, without a screen, and pages of another origin for it."""

import http.server
import threading

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 60

# What a page of anyone's might do, and what a test wants to know of it.
PAGE = """<!doctype html><title>Another origin</title><script>
const query = new URLSearchParams(location.search);
var places = [], gaps = [], messages = [], opened = 0, errors = 0;
const source = new EventSource(query.get("url"));
source.onopen = () => { opened += 1; };
source.onerror = () => { errors += 1; };
source.onmessage = (message) => {
  messages.push([message.lastEventId, message.data]);
  const meta = JSON.parse(message.data).meta;
  places.push([meta.topic, meta.partition, meta.offset]);
};
source.addEventListener("gap", (message) => gaps.push(message.data));
</script>"""


class OtherOrigin:
    """Serves the page above at an origin of its own."""

    def __enter__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path.startswith("/?") else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(PAGE.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def chromium(*, width=1200, height=900, dark=False, insecure=False):
    """insecure: any certificate is believed."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-extensions",
                     f"--window-size={width},{height}", "--force-device-scale-factor=1"]:
        options.add_argument(argument)
    if insecure:
        options.add_argument("--ignore-certificate-errors")
    if dark:
        options.add_argument("--blink-settings=preferredColorScheme=0")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_page_load_timeout(PATIENCE)
    driver.set_script_timeout(PATIENCE)
    return driver


def wait(driver, condition):
    """Waits until a piece of JavaScript gives something true, and returns it."""
    return WebDriverWait(driver, PATIENCE, 0.05).until(lambda d: d.execute_script(f"return {condition}"))
