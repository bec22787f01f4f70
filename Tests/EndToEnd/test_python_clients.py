"""Clients that people use in Python: each reads, loses its connection, and resumes by Last-Event-ID."""

import json

import httpx
import httpx_sse
import pytest
import requests
import requests_sse
import sseclient

from events import Events, post

HEADERS = {"Accept": "text/event-stream"}


def with_requests_sse(url, count, last_id):
    headers = {"Last-Event-ID": last_id} if last_id else {}
    with requests_sse.EventSource(url, headers=headers, timeout=30) as source:
        return take(((event.last_event_id, event.data) for event in source), count)


def with_sseclient(url, count, last_id):
    headers = HEADERS | ({"Last-Event-ID": last_id} if last_id else {})
    with requests.get(url, stream=True, headers=headers, timeout=30) as response:
        response.raise_for_status()
        return take(((event.id, event.data) for event in sseclient.SSEClient(response).events()), count)


def with_httpx(url, count, last_id):
    headers = {"Last-Event-ID": last_id} if last_id else {}
    with httpx.Client(timeout=30) as client, httpx_sse.connect_sse(client, "GET", url, headers=headers) as source:
        return take(((event.id, event.data) for event in source.iter_sse()), count)


def with_lines_of_json(url, count, _):
    """No client of event streams at all: the other form, as `requests` reads it."""
    with requests.get(url, stream=True, headers={"Accept": "application/json"}, timeout=30) as response:
        lines = (line for line in response.iter_lines() if line)
        return take(((None, line) for line in lines), count)


def take(events, count):
    return [event for _, event in zip(range(count), events)]


@pytest.mark.parametrize("read", [with_requests_sse, with_sseclient, with_httpx])
def test_a_python_client_reads_and_resumes(server, read):
    events = Events()
    post(server.intake, events.list(60, "test.change"))
    url = f"{server.url}/v2/stream/test.change"
    received, last_id = [], None
    while len(received) < 60:
        part = read(f"{url}?since=2020-01-01", 7 if len(received) < 49 else 60 - len(received), last_id)
        received += part
        last_id = part[-1][0]
    numbers = [json.loads(data)["number"] for _, data in received]
    assert sorted(numbers) == list(range(60))
    post(server.intake, events.list(1, "test.change"))
    (_, data), = read(url, 1, last_id)
    assert json.loads(data)["number"] == 60


def test_python_reads_lines_of_json(server):
    post(server.intake, Events().list(20))
    received = with_lines_of_json(f"{server.url}/v2/stream/test.page?since=2020-01-01", 20, None)
    assert [json.loads(line)["number"] for _, line in received] == list(range(20))


def test_a_client_that_comes_back_by_itself_does_so_after_a_stop(start):
    """requests-sse reconnects after a clean end, as the server's retry asks it to."""
    server = start()
    events = Events()
    post(server.intake, events.list(3))
    with requests_sse.EventSource(f"{server.url}/v2/stream/test.page?since=2020-01-01", timeout=30) as source:
        iterator = iter(source)
        numbers = [json.loads(next(iterator).data)["number"] for _ in range(3)]
        server.stop()
        server.start()
        post(server.intake, events.list(3))
        numbers += [json.loads(next(iterator).data)["number"] for _ in range(3)]
    assert numbers == list(range(6))
