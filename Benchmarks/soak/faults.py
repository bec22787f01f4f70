"""What is done to the server while it works, one after the other, and what must hold after each."""

import random
import signal
import threading
import time

from abuse import attacks
from abuse.bench import Child

from . import served

# What a fault waits for comes within moments; this bounds a hang.
LONGEST = 60
# Bytes: the most that may be asked to stay free.
MORE_THAN_A_DISK = 1 << 50
# Between restarts others have their turn, so that the same process is watched for a while.
GENTLE = ["reload", "attack", "pause", "attack", "reload", "attack"]
RESTARTS = ["restart", "kill", "full", "kill"]


def schedule(short):
    """The names of faults, for ever. With `short` each comes soon."""
    dice, rounds = random.Random(1), 0
    while True:
        if short:
            yield from ["reload", "kill", "attack", "pause", "restart", "full"]
        else:
            yield from dice.sample(GENTLE, len(GENTLE))
            yield RESTARTS[rounds % len(RESTARTS)]
        rounds += 1


class Faults(threading.Thread):
    """Does one thing every so often until it is stopped. restarts_until: a monotonic time; then the process stays the same."""

    # pylint: disable=too-many-arguments,too-many-instance-attributes
    def __init__(self, server, crowd, ledger, tally, *, every, short, seed, restarts_until, say):
        super().__init__(daemon=True)
        self._server, self._crowd, self._ledger, self._tally = server, crowd, ledger, tally
        self._every, self._short, self._restarts_until, self._say = every, short, restarts_until, say
        self._dice, self._ending = random.Random(seed), threading.Event()
        self._attacks = list(attacks.ATTACKS)
        self._dice.shuffle(self._attacks)
        self.done, self.failure = [], None

    def stop(self):
        self._ending.set()
        self.join(LONGEST * 2)

    def run(self):
        try:
            for name in schedule(self._short):
                if self._ending.wait(self._every):
                    break
                if name in RESTARTS and time.monotonic() > self._restarts_until:
                    continue
                self._say(f"{name} {getattr(self, name)() or ''}".strip())
                self.done.append(name)
                self._crowd.rush(self._dice.randint(5, 30), f"/v2/stream/{served.MANY}?since=PT1M")
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure
            raise

    def reload(self):
        """Another stream, sometimes more partitions of one, and a rule of redaction that comes and goes."""
        server = self._server
        self._tally.hidden_since = None
        server.extra_streams += 1
        server.is_redacted = not server.is_redacted
        server.more_partitions = min(4, server.more_partitions + self._dice.randint(0, 1))
        server.write_configuration()
        server.signal(signal.SIGHUP)
        new = f'"soak.extra-{server.extra_streams - 1}"'
        self._wait_for(lambda: new in server.read_document("/v2/stream"), "the new stream")
        self._wait_for(lambda: self._shows_secrets() != server.is_redacted, "the rule of redaction")
        if server.is_redacted:
            # In force everywhere within a second.
            self._tally.hidden_since = time.monotonic() + 1
        return "with redaction" if server.is_redacted else "without redaction"

    def _shows_secrets(self):
        shown = self._server.read_all([served.PAGES], "last=1&limit=1")
        return any(has_secret for _, has_secret in shown.values())

    def _wait_for(self, condition, what):
        deadline = time.monotonic() + LONGEST
        while not condition() and not self._ending.is_set():
            if time.monotonic() > deadline:
                self._tally.fault("ignored", f"{what} was not in force {LONGEST} s after the reload")
                return
            time.sleep(0.05)

    def pause(self):
        seconds = self._dice.uniform(0.5, 2 if self._short else 8)
        self._server.signal(signal.SIGSTOP)
        self._ending.wait(seconds)
        self._server.signal(signal.SIGCONT)
        return f"for {seconds:.1f} s"

    def restart(self):
        self._server.stop()
        self._server.start()

    def kill(self):
        self._server.kill()
        self._server.start()
        self.check_log()

    def full(self):
        """As if the disk had no room: posts are refused, streams go on."""
        self._server.stop()
        self._server.start("/healthz", **{"storage.minimum_free_bytes": MORE_THAN_A_DISK})
        refused = self._tally.refused["posts 503"]
        self._wait_for(lambda: self._tally.refused["posts 503"] > refused, "the disk that is too full for posts")
        self._ending.wait(1 if self._short else 5)
        self._server.stop()
        self._server.start()

    def attack(self):
        name = self._attacks[len(self.done) % len(self._attacks)]
        self._server.place.fill(small=300, large=2)
        attacker = Child(attacks.run, name, self._server.place, 1 if self._short else 3, 50, 200 if self._short else 2000)
        try:
            return f"{name}, {attacker.answer()['requests']} requests"
        finally:
            attacker.stop()

    def check_log(self):
        """Whatever was acknowledged and is not too old must be in the log, and be what it was."""
        began = time.monotonic()
        expected = self._ledger.acknowledged_since(began - self._server.retention)
        found = {}
        for stream in served.STREAMS:
            found |= self._server.read_all([stream], "since=0&until=PT0S&canary=true")
        # What grew too old while the answers were read is not missed.
        still_kept = self._ledger.acknowledged_since(time.monotonic() - self._server.retention)
        for (partition, offset), number in expected.items():
            if (partition, offset) in found:
                if found[partition, offset][0] != number:
                    self._tally.fault("wrong", f"event {number} was acknowledged at {partition} {offset}, where another one is")
            elif (partition, offset) in still_kept:
                self._tally.fault("lost", f"event {number} was acknowledged at {partition} {offset} and is not in the log")
        return len(expected)
