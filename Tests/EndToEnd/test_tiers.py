"""Kinds of clients with limits of their own: by key, by address, by what they say they are."""

import contextlib
import http.client
import json
import signal

import requests

from server import PATIENCE, eventually

STREAMS = {"test.page": {"topics": ["test.page"]}}
KEY, SENTENCE = "4TqWx81mPzLk", "Say who you are."
TIERS = [
    {"name": "tools", "keys": {"patrolbot": KEY}, "streams": 3},
    {"name": "contact", "user_agent": "contact", "streams": 2},
    {"name": "nameless", "user_agent": "none", "refuse": SENTENCE},
]


class Crowd:
    """Streams that stay open."""

    def __init__(self, server):
        self.server, self.open = server, contextlib.ExitStack()

    def get(self, **headers):
        """Opens one more, as somebody behind the trusted proxy. None takes a header away that the library sends."""
        answer = self.open.enter_context(requests.get(
            f"{self.server.url}/v2/stream/test.page", headers=headers, stream=True, timeout=PATIENCE))
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open.close()


def served(start, tiers, **options):
    http = {"tiers": tiers, "max_connections_per_address": 1, "trusted_proxies": ["127.0.0.0/8"]}
    return start(streams=STREAMS, config={"http": http}, **options)


def test_each_kind_of_client_has_its_own_limit_and_is_told_what_is_left(start):
    server = served(start, TIERS)
    with Crowd(server) as crowd:
        first = crowd.get(**{"User-Agent": "Mozilla/5.0"})
        assert first.headers["RateLimit-Policy"] == '"address";q=1;qu="concurrent-requests"'
        assert first.headers["RateLimit"] == '"address";r=0'
        second = crowd.get(**{"User-Agent": "Mozilla/5.0"})
        assert (second.status_code, second.headers["RateLimit"]) == (429, '"address";r=0')
        assert (second.json()["limit"], second.json()["use"]) == (1, 1) and int(second.headers["Retry-After"]) > 0
        # The same address, counted by whom it says it is.
        named = {"User-Agent": "bot/1.0 (me@example.org)", "X-Forwarded-For": "192.0.2.1"}
        assert [crowd.get(**named).status_code for _ in range(3)] == [200, 200, 429]
        # A key is counted wherever it is used.
        keys = [{"X-Api-Key": KEY}, {"Authorization": f"Bearer {KEY}", "X-Forwarded-For": "192.0.2.2"},
                {"X-Api-Key": KEY, "X-Forwarded-For": "192.0.2.3"}]
        left = [crowd.get(**key) for key in keys]
        assert [answer.headers["RateLimit"] for answer in left] == [f'"tools";r={rest}' for rest in (2, 1, 0)]
        assert crowd.get(**{"X-Api-Key": KEY, "X-Forwarded-For": "192.0.2.4"}).status_code == 429
        # One that nobody was given is as good as none.
        assert crowd.get(**{"X-Api-Key": KEY.lower(), "User-Agent": "Mozilla/5.0"}).status_code == 429
    # Made anew once a second.
    wanted = ['eventstreams_tier_streams_total{tier="tools"} 3', 'eventstreams_tier_refused_total{tier="contact"} 1']
    eventually(lambda: all(line in server.metrics() for line in wanted))
    assert KEY not in server.metrics() + server.log()


def test_who_says_nothing_is_told_what_to_say(start):
    server = served(start, TIERS)
    # Libraries add a User-Agent of their own.
    for headers in ({}, {"User-Agent": ""}, {"User-Agent": " ", "X-Forwarded-For": "192.0.2.9"}):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/v2/stream/test.page", headers=headers)
            answer = connection.getresponse()
            assert answer.status == 403
            problem = json.load(answer)
            assert (problem["detail"], problem["type"]) == (SENTENCE, "forbidden")


def test_a_browser_over_its_limit_is_told_when_to_come_back(start):
    server = served(start, TIERS)
    source = {"User-Agent": "Mozilla/5.0", "Accept": "text/event-stream", "Sec-Fetch-Mode": "cors"}
    with Crowd(server) as crowd:
        crowd.get(**source)
        answer = crowd.get(**source)
        assert answer.status_code == 200 and b"retry:" in answer.content and b"too_many_connections" in answer.content


def test_tiers_are_read_again_and_a_wrong_one_changes_nothing(start):
    server = served(start, TIERS)
    file, config = server.directory / "config.yaml", json.loads((server.directory / "config.yaml").read_text())
    named = {"User-Agent": "bot/1.0 (me@example.org)"}

    def reload(tiers, line):
        config["http"]["tiers"] = tiers
        file.write_text(json.dumps(config))
        server.signal(signal.SIGHUP)
        eventually(lambda: line in server.log())

    with Crowd(server) as crowd:
        assert [crowd.get(**named).status_code for _ in range(3)] == [200, 200, 429]
        reload([{"name": "contact", "user_agent": "contact", "streams": 0}], "http.tiers[0].streams must be")
        assert crowd.get(**named).status_code == 429
        reload([{"name": "contact", "user_agent": "contact", "streams": 4}], "stream configuration has changed")
        assert [crowd.get(**named).status_code for _ in range(3)] == [200, 200, 429]
