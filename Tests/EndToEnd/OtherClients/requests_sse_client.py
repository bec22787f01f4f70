"""requests-sse, which comes back by itself."""

import datetime

import requests_sse

from reading import PAUSE, URL, report

with requests_sse.EventSource(URL, timeout=60, reconnection_time=datetime.timedelta(seconds=PAUSE)) as source:
    for event in source:
        report(event.last_event_id, event.data)
