"""What comes over a connection, bit by bit: an HTTP answer, its chunks, its gzip, and the stream's frames."""

import json
import zlib


class Refused(Exception):
    """The answer is no stream."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text[:300]!r}")
        self.status = status


class Answer:
    """One answer of a stream. `feed` takes bytes as they come and returns the frames that they completed.

    A frame is its type, its id (None: it has none) and its data (None: it has none).
    """

    def __init__(self, format_):
        self.status = None
        self.is_finished = False
        self._frames = {"sse": sse_frames, "ndjson": ndjson_frames}[format_]
        self._head, self._raw, self._text = b"", b"", b""
        self._is_chunked, self._inflater = False, None

    def feed(self, received):
        if self.status is None:
            self._head += received
            head, end, received = self._head.partition(b"\r\n\r\n")
            if not end:
                return []
            self._take_head(head, received)
        body = self._unchunked(received) if self._is_chunked else received
        if self._inflater:
            body = self._inflater.decompress(body)
        frames, self._text = self._frames(self._text + body)
        return frames

    def _take_head(self, head, rest):
        lines = head.decode("latin-1").lower().split("\r\n")
        self.status = int(lines[0].split()[1])
        if self.status != 200:
            raise Refused(self.status, rest)
        self._is_chunked = "transfer-encoding: chunked" in lines
        if "content-encoding: gzip" in lines:
            self._inflater = zlib.decompressobj(31)

    def _unchunked(self, received):
        raw, place, pieces = self._raw + received, 0, []
        while not self.is_finished and (line_end := raw.find(b"\r\n", place)) >= 0:
            end = line_end + 2 + int(raw[place:line_end], 16)
            if len(raw) < end + 2:
                break
            pieces.append(raw[line_end + 2:end])
            self.is_finished = end == line_end + 2
            place = end + 2
        self._raw = raw[place:]
        return b"".join(pieces)


def sse_frames(text):
    """The complete frames of an event stream, and the text behind them. Comments and `retry:` have no blank line behind them."""
    frames = []
    *blocks, rest = text.split(b"\n\n")
    for block in blocks:
        kind, id_, data = "message", None, None
        for line in block.split(b"\n"):
            name, _, value = line.partition(b": ")
            if name == b"data":
                data = json.loads(value)
            elif name == b"id":
                id_ = value.decode()
            elif name == b"event":
                kind = value.decode()
        if id_ is not None or data is not None:
            frames.append((kind, id_, data))
    return frames, rest


def ndjson_frames(text):
    """The complete lines of a body of NDJSON, and the text behind them."""
    *lines, rest = text.split(b"\n")
    objects = (json.loads(line) for line in lines if line)
    return [(value.get("$notice", "message"), None, value) for value in objects], rest
