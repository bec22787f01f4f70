"""Shares of a stream: what `shard=i/n` must give."""

import json

import requests

from clients import read_events


def check_shares(url, stream, count):
    """Of each number of shares: the shares are disjoint, together they are everything, and each goes on where it was left."""
    for shares in (2, 5):
        got, wikis = [], []
        for share in range(shares):
            query = f"format=ndjson&since=0&shard={share}/{shares}"
            lines = [json.loads(line) for line in requests.get(
                f"{url}{stream}?{query}&until=PT0S", timeout=30).text.split("\n") if line]
            numbers = [event["number"] for event in lines]
            assert len(numbers) < count
            got += numbers
            wikis.append({event["wiki"] for event in lines if "key" in event["meta"]})
            if not numbers:
                # There may be fewer keys than shares.
                continue
            # The first few, and the rest by the last id of those.
            frames = read_events(url, f"{stream}?since=0&limit={min(7, len(numbers))}&shard={share}/{shares}")
            rest = requests.get(
                f"{url}{stream}", {"format": "ndjson", "cursor": frames[-1].id, "until": "PT0S", "shard": f"{share}/{shares}"},
                timeout=30).text.split("\n")
            resumed = [frame.json["number"] for frame in frames] + [json.loads(line)["number"] for line in rest if line]
            assert sorted(resumed) == sorted(numbers)
        assert sorted(got) == list(range(count))
        # All records of a key are in one share.
        assert not any(a & b for number, a in enumerate(wikis) for b in wikis[number + 1:])
    refused = requests.get(f"{url}{stream}?shard=2/2", timeout=30)
    assert refused.status_code == 400 and refused.json()["parameter"] == "shard"
