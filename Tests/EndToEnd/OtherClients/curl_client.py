"""curl in a loop, as a shell script would have it."""

import subprocess
import sys

from reading import HEADERS, URL, resuming


def read(headers):
    options = [word for name, value in (HEADERS | headers).items() for word in ("-H", f"{name}: {value}")]
    process = subprocess.Popen(["curl", "-sSN", *sys.argv[2:], *options, URL], stdout=subprocess.PIPE)
    event_id = None
    try:
        for line in process.stdout:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                event_id = value
            elif name == "data" and line.endswith(b"\n"):
                yield event_id, value
    finally:
        process.kill()
        process.wait()


resuming(read)
