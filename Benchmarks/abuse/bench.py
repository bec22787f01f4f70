"""A server with bystanders, to which one attack after the other is done."""

import multiprocessing
import time

from . import attacks, bystanders
from .place import PATIENCE

# Files that a server opens by the way are no connections.
OTHER_DESCRIPTORS = 10
# How long a server may take until it is as it was before an attack.
LONGEST_AFTERMATH = 90
# Neither threads nor sockets of this process are to be in another.
PROCESSES = multiprocessing.get_context("spawn")


class Child:
    """A process that talks through a pipe, ended by its own handle."""

    def __init__(self, target, *arguments):
        self.pipe, other = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=target, args=(*arguments, other), daemon=True)
        self.process.start()
        other.close()

    def answer(self, timeout=PATIENCE * 4):
        if not self.pipe.poll(timeout):
            raise TimeoutError(f"a helper did not answer within {timeout} s")
        return self.pipe.recv()

    def ask(self, *words):
        self.pipe.send(words)
        return self.answer()

    def stop(self):
        self.pipe.close()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class Bench:
    """place: the server. clients: how many follow. rate: posts a second. connections, most: an attack's, at most."""

    def __init__(self, place, clients=1000, rate=20, connections=500, most=20_000):
        self.place, self.clients, self.rate = place, clients, rate
        self.connections, self.most = connections, most

    def __enter__(self):
        self.readers = Child(bystanders.run, self.place, self.clients)
        self.readers.answer()
        self.posts, self.health = bystanders.Posts(self.place, self.rate), bystanders.Health(self.place)
        self.posts.start()
        self.health.start()
        return self

    def __exit__(self, *_):
        self.posts.stop()
        self.health.stop()
        self.readers.stop()

    def windows(self):
        return {"live": self.readers.ask("window"), "posts": self.posts.window(), "health": self.health.window()}

    def attack(self, name, seconds, calm=1.0):
        """What the attack cost, and what the others noticed; see `faults` for what is wrong in it."""
        self.readers.ask("restore")
        self.windows()
        time.sleep(calm)
        before = self.windows()
        descriptors, memory = self.place.descriptors(), self.place.resident_bytes()
        used, self.health.most_memory = self.place.processor_seconds(), memory
        attacker = Child(attacks.run, name, self.place, seconds, self.connections, self.most)
        try:
            cost = attacker.answer(seconds + PATIENCE)
        finally:
            attacker.stop()
        during, ended = self.windows(), time.monotonic()
        lasting = self._wait_until_as_before(descriptors)
        after = self.windows()
        return {
            "attack": name, "cost": cost, "before": before, "during": during, "after": after, "lasting": lasting,
            "behind": self._behind(), "server_seconds": self.place.processor_seconds() - used if self.place.is_alive() else None,
            "most_memory": self.health.most_memory - memory, "is_alive": self.place.is_alive(),
            "aftermath": time.monotonic() - ended,
        }

    def _wait_until_as_before(self, descriptors):
        """What is still not as it was when the longest time was over, or nothing."""
        deadline = time.monotonic() + LONGEST_AFTERMATH
        while self.place.is_alive():
            lasting = []
            if (more := self.place.descriptors() - descriptors) > OTHER_DESCRIPTORS:
                lasting.append(f"{more} descriptors more")
            try:
                clients = self.place.metric("eventstreams_connected_clients")
                if clients != self.readers.ask("present"):
                    lasting.append(f"{clients:.0f} clients")
            except OSError as failure:
                lasting.append(str(failure))
            if not lasting or time.monotonic() > deadline:
                return ", ".join(lasting)
            time.sleep(0.1)
        return "dead"

    def _behind(self):
        """How many clients still lack an event that was acknowledged a while ago."""
        offset, deadline = self.posts.acknowledged, time.monotonic() + PATIENCE
        while (behind := self.readers.ask("behind", offset)) and self.place.is_alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        return behind


def faults(result):
    """What others lost by an attack, in words; no time is a fault."""
    found = []
    for when in ("before", "during", "after"):
        live, posts, health = (result[when][who] for who in ("live", "posts", "health"))
        for count, what in (
                (live["cut"], "clients cut off"), (live["wrong"], "events lost or sent twice"),
                (posts["failures"], f"posts failed ({posts['last']})"), (health["failures"], f"checks failed ({health['last']})")):
            if count:
                found.append(f"{when}: {count} {what}")
    if result["behind"]:
        found.append(f"{result['behind']} clients lack events")
    if result["lasting"]:
        found.append(f"after {LONGEST_AFTERMATH} s: {result['lasting']}")
    if not result["is_alive"]:
        found.append("the server is dead")
    return found
