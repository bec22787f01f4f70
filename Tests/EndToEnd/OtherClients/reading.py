"""What the programs beside this one share: each reads the stream at the URL it is given, for ever, with one library.

Each prints what the library hands out, a JSON array a line: the id, or null where the library has none, and the data.
"""

import json
import sys
import time

URL = sys.argv[1]
HEADERS = {"Accept": "text/event-stream"}
# Seconds before the next try, for libraries that leave that to those who use them.
PAUSE = 0.2
# What libraries themselves print is no report.
OUTPUT, sys.stdout = sys.stdout, sys.stderr


def report(last_id, data):
    print(json.dumps([last_id, data]), file=OUTPUT, flush=True)


def resuming(read, *failures):
    """Calls `read` with the last id again and again: it yields ids and data until the connection is lost."""
    last_id = None
    while True:
        try:
            for event_id, data in read({"Last-Event-ID": last_id} if last_id else {}):
                report(event_id, data)
                last_id = event_id or last_id
        except failures as failure:
            print(f"lost: {failure!r}", file=sys.stderr, flush=True)
        time.sleep(PAUSE)
