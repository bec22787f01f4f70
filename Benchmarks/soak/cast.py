"""Who the clients are: so many that stay, that are cut off and come back, that are slow, away for long, or only visit."""

from . import served
from .reader import Habit, Reader

ALL = [served.CHANGES, served.PAGES, served.MANY]
# What those bring on themselves who are away for longer than events are kept.
BELATED = ("retention", "slow")

# By the parity of the event numbers that they let through.
FILTERS = ["match.parity=even", "filter=parity%20==%20%22odd%22%20%26%26%20has(number)"]

STEADY = Habit()
CHURNING = Habit(
    stays=lambda dice: dice.uniform(0.1, 8),
    reads=lambda dice: dice.choice([None, None, 1, 300, 3000, 100_000]), rests=lambda dice: dice.uniform(0, 1))
SLOW = Habit(naps=lambda dice: dice.choice([0.01, 0.1, 0.5, 12]), misses=BELATED)
VISITING = Habit(
    stays=lambda dice: dice.uniform(0.5, 5), rests=lambda dice: dice.uniform(1, 6), returns=False, misses=BELATED,
    begins=lambda dice: dice.choice([
        "since=PT10S", "since=PT1M&limit=500", "since=2020-01-01", "last=5", "last=200&limit=100", "since=PT30S&until=PT0S", ""]))


def away(retention):
    return Habit(stays=lambda dice: dice.uniform(2, 10), rests=lambda dice: retention * dice.uniform(1.2, 2), misses=BELATED)


def cast(clients, retention, ledger, tally):
    """clients: how many stay; the others are in proportion to them."""
    readers = []

    def enter(kind, number, streams, habit, **options):
        known = [partition for stream in streams for partition in served.partitions(stream)]
        # A few for each address, below what one address may have.
        source = f"127.0.2.{1 + len(readers) // 5 % 250}"
        readers.append(Reader(f"{kind} {number}", source, streams, known, habit, ledger, tally, **options))

    for kind, count, habit in (
            ("steady", clients, STEADY), ("churning", clients * 2 // 3, CHURNING), ("slow", max(1, clients // 8), SLOW),
            ("away", max(1, clients // 10), away(retention))):
        for number in range(count):
            streams = [ALL[:2], ALL[1:2], ALL[2:], ALL[:1]][number % 4]
            match number % 7:
                case 0 | 1: options = {}
                case 2: options = {"ids": "compact"}
                case 3: options = {"gzip": True}
                # An id of its own making names the partitions that were there at first.
                case 4: streams, options = ALL[1:], {"format_": "ndjson", "gzip": number % 2 == 0}
                case 5: options = {"ids": "compact", "gzip": True}
                case 6: options = {"query": FILTERS[number % 2], "parity": number % 2, "gzip": number % 3 == 0}
            enter(kind, number, streams, habit, **options)
    for number in range(max(1, clients // 4)):
        enter("visiting", number, ALL[number % 3:number % 3 + 1], VISITING, gzip=number % 2 == 1)
    return readers
