"""The recorded events of the service this one succeeds: taken in, and read back byte for byte."""

import gzip
import json
import subprocess

import pytest

from clients import ask, check_order, read_events
from server import BINARY

# Events of 2019 name no stream, as none did then: without one there is no telling where they belong. They are given this.
NAMELESS = "legacy.recentchange"
NUMBER = 30_282


def objects(text):
    """The members of a JSON object's text at its top level: name to the span of its value."""
    decoder, place, spans = json.JSONDecoder(), text.index("{") + 1, {}
    while True:
        while text[place] in " ,\t":
            place += 1
        if text[place] == "}":
            return spans
        name, place = decoder.raw_decode(text, place)
        while text[place] in " :":
            place += 1
        _, end = decoder.raw_decode(text, place)
        spans[name] = (place, end)
        place = end


def without_meta(line):
    """The bytes before and behind the meta object, and the object."""
    text = line.decode()
    start, end = objects(text)["meta"]
    return text[:start].encode(), json.loads(text[start:end]), text[end:].encode()


def lines(shared):
    for file in sorted((shared / "data").glob("*.ndjson.gz")):
        with gzip.open(file) as unpacked:
            for number, line in enumerate(unpacked):
                yield f"{file.name}:{number + 1}", line.rstrip(b"\n")


@pytest.fixture(scope="module")
def loaded(shared, tmp_path_factory):
    """A server with every recorded event. What was posted is in `posted`, by the id that was given to it."""
    from server import Server
    directory = tmp_path_factory.mktemp("recorded")
    posted, streams = {}, {}
    file = directory / "events.ndjson.gz"
    with gzip.open(file, "wb", compresslevel=1) as packed:
        for name, line in lines(shared):
            before, meta, after = without_meta(line)
            if "stream" not in meta:
                start, _ = objects(line.decode())["meta"]
                text = line.decode()
                line = f'{text[:start]}{{"stream":"{NAMELESS}",{text[start + 1:]}'.encode()
                meta["stream"] = NAMELESS
            topic = f"dc1.{meta['stream']}"
            partitions = 4 if meta["stream"] == "mediawiki.recentchange" else 1
            streams[meta["stream"]] = {"topics": [topic], "partitions": partitions}
            # An id stands in several files where recordings overlap.
            posted.setdefault((meta["stream"], meta["id"]), []).append((name, before, meta, after))
            packed.write(line + b"\n")
    server = Server(directory / "server", streams=streams, settings={
        "storage.retention_age": "0",
        # Recordings overlap, and each copy is looked for.
        "intake.idempotency_window": "0"}).start()
    try:
        done = subprocess.run(
            [BINARY, "produce", "--quiet", "--url", server.intake, file], capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr.decode()[-4000:]
        server.posted, server.names = posted, sorted(streams)
        yield server
    finally:
        server.kill()


def check(loaded, events):
    """Each posted event is there once, its bytes those that were posted but for meta's."""
    assert len(events) == NUMBER
    waiting = {key: list(copies) for key, copies in loaded.posted.items()}
    for data in events:
        before, meta, after = without_meta(data)
        copies = waiting[meta["stream"], meta["id"]]
        for copy in copies:
            _, posted_before, posted_meta, posted_after = copy
            added = {key: meta[key] for key in ("topic", "partition", "offset")}
            # A key in it is that of the record it was read from, and this one has none.
            own = {key: value for key, value in posted_meta.items() if key != "key"}
            if (before, after) == (posted_before, posted_after) and meta == own | added:
                copies.remove(copy)
                break
        else:
            raise AssertionError(f"not as it was posted: {data[:500]!r}; posted were {copies}")
    assert not any(waiting.values())


def test_all_are_read_back_over_sse_once_in_order_and_unchanged(loaded):
    target = f"/v2/stream/{','.join(loaded.names)}?since=2000-01-01"
    frames = read_events(loaded.url, target, NUMBER, timeout=120)
    offsets = check_order(frames)
    assert all(list_[0] == 0 for list_ in offsets.values())
    check(loaded, [frame.data.encode() for frame in frames])


def test_all_are_read_back_as_json_lines_once_in_order_and_unchanged(loaded):
    target = f"/v2/stream/{','.join(loaded.names)}?since=0&limit={NUMBER}"
    answer = ask(loaded.url, target, headers={"Accept": "application/json"}, timeout=120)
    events = [line for line in answer.body.split(b"\n") if line]
    last = {}
    for data in events:
        _, meta, _ = without_meta(data)
        partition = meta["topic"], meta["partition"]
        assert meta["offset"] == last.get(partition, -1) + 1
        last[partition] = meta["offset"]
    check(loaded, events)


def test_history_begins_at_the_first_event_of_a_time(loaded):
    """In a stream of one partition: everything from the first event on whose time, or that of one before it, is reached."""
    target = "/v2/stream/mediawiki.revision-create"
    everything = read_events(loaded.url, f"{target}?since=0&until=PT0S", timeout=120)
    for since in ["2021-08-27T11:50:30Z", "2021-09-10T12:12:30Z", "2021-09-30T00:00:00Z"]:
        first = next(n for n, frame in enumerate(everything) if frame.json["meta"]["dt"] >= since)
        part = read_events(loaded.url, f"{target}?since={since}&until=PT0S", timeout=120)
        assert [frame.place for frame in part] == [frame.place for frame in everything[first:]], since
