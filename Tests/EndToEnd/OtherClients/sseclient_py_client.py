"""sseclient-py, which reads one response."""

import requests
import sseclient

from reading import HEADERS, URL, resuming


def read(headers):
    with requests.get(URL, stream=True, headers=HEADERS | headers, timeout=60) as response:
        response.raise_for_status()
        for event in sseclient.SSEClient(response).events():
            yield event.id, event.data


resuming(read, requests.RequestException)
