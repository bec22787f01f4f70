"""httpx-sse, which reads one response."""

import httpx
import httpx_sse

from reading import URL, resuming


def read(headers):
    with httpx.Client(timeout=60) as client, httpx_sse.connect_sse(client, "GET", URL, headers=headers) as source:
        source.response.raise_for_status()
        for event in source.iter_sse():
            yield event.id, event.data


resuming(read, httpx.TransportError)
