"""sseclient, which comes back by itself, but not after a reset, and which reads the socket below the HTTP library."""

import time

import sseclient

from reading import PAUSE, URL, report

last_id = None
while True:
    try:
        for event in sseclient.SSEClient(URL, last_id=last_id, retry=PAUSE * 1000):
            report(event.id, event.data)
            last_id = event.id or last_id
    except OSError:
        time.sleep(PAUSE)
