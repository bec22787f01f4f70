"""Ports of loopback that stay free until their owner listens, and while it is down."""

import contextlib
import itertools
import os
import random
import socket

# Below those that the system gives to the client's end of any connection, which would take them from a server that is
# started again. Each process that runs tests has its own.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
_ports = itertools.cycle(random.SystemRandom().sample(range(12_000 + 5_000 * _WORKER, 17_000 + 5_000 * _WORKER), 5_000))


def free_ports(count):
    """None is given twice within thousands: the first to get it may not listen on it yet."""
    with contextlib.ExitStack() as stack:
        ports = []
        while len(ports) < count:
            probe = stack.enter_context(socket.socket())
            port = next(_ports)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                ports.append(port)
        return ports
