"""Live events while other clients replay."""

import collections
import threading
import time

from measures import Disturbed, Load, Lossy, Publisher, bench, latencies, running, undisturbed
from report import aims, numbers, quotients, spread, table
from subjects import EventStreams

LIVE = {"clients": 100, "rate": 20}
REPLAYING = 200
PLACES = {"from memory (the tail)": "1GiB", "from the log": "1MiB"}


class Replays:
    """Clients that ask for the whole backlog, again and again, until they are told to end."""

    def __init__(self, subject, events):
        self.subject, self.events = subject, events
        self.ending, self.begun = threading.Event(), threading.Event()
        self.load, self.failure, self.count = None, None, 0
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        try:
            while not self.ending.is_set():
                url = f"{self.subject.url}?since=PT1H&limit={self.events}"
                with Load(self.subject, url, "--clients", REPLAYING, "--waiting", REPLAYING, "--from-start",
                          "--timestamp-field", "none", niceness=10) as self.load:
                    self.load.opened()
                    self.begun.set()
                    while self.load.process.poll() is None and not self.ending.wait(0.005):
                        pass
                    result = self.load.result() if self.load.process.poll() is not None else self.load.end()
                    self.count += result["events"]
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure
            self.begun.set()

    def __enter__(self):
        self.thread.start()
        if not self.begun.wait(60):
            raise Disturbed("nobody began to replay")
        return self

    def __exit__(self, kind, *_):
        self.ending.set()
        self.thread.join(60)
        if self.failure and kind is None:
            raise self.failure


@undisturbed
def live(place, *, events, seconds):
    """The latency of live events without and with replays, of one server, one after the other."""
    settings = {"streaming.tail_bytes": PLACES[place], "streaming.ring_bytes": "1MiB"}
    with running(EventStreams, **settings) as subject:
        subject.load(events)
        # In the tail it must be, or out of it.
        time.sleep(1)

        def followed():
            return latencies(bench(subject, subject.url, "--clients", LIVE["clients"], "--seconds", seconds))

        with Publisher(subject, LIVE["rate"]):
            without = followed()
            began = time.monotonic()
            with Replays(subject, events) as replays:
                meanwhile = followed()
            rate = replays.count / (time.monotonic() - began)
    if not replays.count:
        raise Lossy("nothing was replayed")
    return without, meanwhile | {"replayed": rate}


def measure(s, say):
    results = collections.defaultdict(list)
    for number in range(s["few"]):
        for place in PLACES:
            without, meanwhile = live(place, events=s["events"], seconds=s["seconds"])
            say(f"replay_live {number + 1}: {place}, p99 until arrival {without['arrival_p99']:.2f} ms, "
                f"{meanwhile['arrival_p99']:.2f} ms meanwhile")
            results[place, "nobody replays"].append(without | {"replayed": 0})
            results[place, f"{REPLAYING} replay {place}"].append(meanwhile)
    return results


def section(results, s):
    measured = [("replayed", 0), ("p50", 2), ("p99", 2), ("arrival_p50", 2), ("arrival_p99", 2)]
    rows = [
        [what, *(spread(numbers(rounds, name), digits) for name, digits in measured)] for (_, what), rounds in results.items()]
    pairs = [(place, results[place, "nobody replays"], results[place, f"{REPLAYING} replay {place}"]) for place in PLACES]
    header = ["meanwhile", "events a second to them", "half read within", "99 of 100 read within", "half arrived within",
              "99 of 100 arrived within"]
    return f"""
## Live while others replay: {LIVE['clients']} clients, {LIVE['rate']} events a second

{REPLAYING} others ask for all of {s['events']:,} events, and when they have them again. They keep both cores busy: those
who read share one with the publisher, and all of the server's threads, which an event passes one by one, share the other.
Milliseconds:

{table(header, rows)}

{aims(*((f"with replays {place} 99 of 100 live events arrive within twice the time",
         quotients(with_, without, "arrival_p99"), lambda ratio: ratio <= 2, 2) for place, without, with_ in pairs))}
"""
