"""The servers that are measured: each is started on core 0 in a directory of its own, fed, and stopped by its id."""

import contextlib
import gzip
import http.client
import itertools
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = pathlib.Path(os.environ.get("EVENTSTREAMS_BINARY", ROOT / ".build/release/eventstreams")).resolve()
# Recorded events, their schemas and Kafka, where they are there.
SHARED = pathlib.Path(os.environ.get("EVENTSTREAMS_SHARED", ROOT.parent / "shared")).resolve()
SERVER_CORE, LOAD_CORE = "0", "1"
STREAM = "bench.events"
# A stream that gets its few events before it is measured, and one whose events only take room.
QUIET_STREAM, BULK_STREAM = "bench.quiet", "bench.bulk"
PATIENCE = 60


# The ports that were given: one may be bound a good while later.
PORTS = set()


def free_port(kind=socket.SOCK_STREAM):
    """One below those that the system gives to the client's end of connections: none takes it while its owner is down."""
    while True:
        port = random.SystemRandom().randint(12_000, 32_000)
        if port in PORTS:
            continue
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            PORTS.add(port)
            return port


def wait_for(port):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def environment():
    """A server's: variables that say where a benchmark finds things are no settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EVENTSTREAMS_")}


class Subject:
    """A server. `publish` takes an event's JSON text and returns when the server has it."""

    name = ""
    process = None
    # Where it runs, as taskset names cores.
    cores = SERVER_CORE

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.port = free_port()

    def launch(self, *command, **options):
        options.setdefault("env", environment())
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", self.cores, *map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.directory, **options)

    def start(self):
        return self

    def quiet(self, count):  # pylint: disable=unused-argument
        """A stream on which nothing more happens: its URL, and an id that so many events come after (None: it has no ids)."""
        raise NotImplementedError

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            log = self.directory / "log"
            print(log.read_text(errors="replace")[-2000:] if log.exists() else "", file=sys.stderr)
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()


class Floor(Subject):
    """One `send` for each client in C, and nothing else: see floor/floor.c."""

    name = "floor"
    flags = ()

    def __init__(self, directory):
        super().__init__(directory)
        self.records = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def start(self):
        program = self.directory / "floor"
        source = ROOT / "Benchmarks/floor/floor.c"
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source, *self.flags], check=True)
        self.record_port = free_port(socket.SOCK_DGRAM)
        self.url = f"http://127.0.0.1:{self.port}/"
        self.published = 0
        self.launch(program, self.port, self.record_port)
        wait_for(self.port)
        return self

    def publish(self, text):
        """The event as our server would frame it, so that as many bytes go to each client."""
        event = json.loads(text)
        event["meta"] |= {"topic": STREAM, "partition": 0, "offset": self.published}
        self.published += 1
        place = {"topic": STREAM, "partition": 0, "offset": self.published, "timestamp": int(time.time() * 1000)}
        frame = f"event: message\nid: [{compact(place)}]\ndata: {compact(event)}\n\n"
        self.records.sendto(frame.encode(), ("127.0.0.1", self.record_port))

    def quiet(self, count):
        return f"{self.url}quiet", None

    def stop(self):
        super().stop()
        self.records.close()


class FloorByRing(Floor):
    """The floor, sending by io_uring: see floor/ring.h."""

    name = "floor by io_uring"
    flags = ("-DBY_RING", "-luring")


class Nchan(Subject):
    """Debian's nginx with its Nchan module: one worker, messages in memory, no disk."""

    name = "Nchan"

    def listen(self):
        """Lines of the configuration that are added, and what the URL of streams begins with."""
        return "", f"http://127.0.0.1:{self.port}"

    def start(self):
        configuration = self.directory / "nginx.conf"
        more, origin = self.listen()
        configuration.write_text(f"""
            load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
            daemon off; master_process off; pid nginx.pid; error_log error.log;
            worker_rlimit_nofile 20000;
            events {{ worker_connections 19900; }}
            http {{
                access_log off; tcp_nodelay on; keepalive_requests 1000000000; client_body_in_single_buffer on;
                client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
                nchan_shared_memory_size 256M;
                server {{
                    listen 127.0.0.1:{self.port} backlog=4096;
                    {more}
                    location = /publish {{ nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 100; }}
                    location = /publish-quiet {{
                        nchan_publisher; nchan_channel_id quiet; nchan_message_buffer_length 100; nchan_message_timeout 1h;
                    }}
                    location = /quiet {{
                        nchan_subscriber eventsource; nchan_channel_id quiet; nchan_subscriber_first_message oldest;
                    }}
                    location = /subscribe {{
                        nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message newest;
                    }}
                }}
            }}""")
        self.url = f"{origin}/subscribe"
        self.launch("/usr/sbin/nginx", "-p", self.directory, "-c", configuration)
        wait_for(self.port)
        self.intake = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        return self

    def publish(self, text, to=""):
        """With what our server adds to an event, for as many bytes."""
        event = json.loads(text)
        event["meta"] |= {"topic": STREAM, "partition": 0, "offset": 100_000}
        place = {"topic": STREAM, "partition": 0, "offset": 100_000, "timestamp": int(time.time() * 1000)}
        event["place"] = place
        post(self.intake, f"/publish{to}", compact(event), (201, 202))

    def quiet(self, count):
        for number in range(count + 1):
            self.publish(event(number), "-quiet")
        url = f"http://127.0.0.1:{self.port}/quiet"
        return url, first_id(url)


class SecureNchan(Nchan):
    """The same over TLS, with HTTP/2 for those that offer it."""

    name = "Nchan over TLS"

    def listen(self):
        chain, key = certificate(self.directory)
        port = free_port()
        return (f"""listen 127.0.0.1:{port} ssl http2 backlog=4096; http2_max_concurrent_streams 1000;
                    ssl_certificate {chain}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;""",
                f"https://127.0.0.1:{port}")


def certificate(directory):
    """A self-signed certificate and its key; the two files."""
    chain, key = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
         chain, "-days", "30", "-subj", "/CN=localhost"], check=True, capture_output=True)
    return chain, key


class EventStreams(Subject):
    """Our server: one event loop, its log on the disk, an event acknowledged when it is there."""

    name = "eventstreams"
    binary = BINARY
    # What the configuration says of each stream beside its topics.
    stream_settings = {}

    def __init__(self, directory, **settings):
        super().__init__(directory)
        self.settings = settings

    @staticmethod
    def from_log():
        """Settings by which no more is kept in memory than the newest block of each topic."""
        return {"streaming.tail_bytes": "64KiB", "streaming.ring_bytes": "16KiB"}

    def topic(self, stream):
        return stream

    def start(self):
        streams = {"streams": {
            name: {"topics": [self.topic(name)], "partitions": 1} | self.stream_settings
            for name in (STREAM, QUIET_STREAM, BULK_STREAM)}}
        (self.directory / "streams.json").write_text(json.dumps(streams))
        intake, self.admin = free_port(), free_port()
        settings = {
            "streams.config": self.directory / "streams.json", "http.max_connections_per_address": 0,
            "http.public_dir": ROOT / "public", "storage.retention_age": "0s"} | self.settings
        self.launch(
            self.binary, "serve", "--host", "127.0.0.1", "--port", self.port, "--intake-port", intake, "--admin-port", self.admin,
            "--data-dir", self.directory / "data", "--event-loops", "1",
            *(word for key, value in settings.items() for word in ("--set", f"{key}={value}")))
        self.url = f"http://127.0.0.1:{self.port}/v2/stream/{STREAM}"
        self.wait_until_ready(self.admin)
        self.intake = http.client.HTTPConnection("127.0.0.1", intake, timeout=PATIENCE)
        return self

    def wait_until_ready(self, admin):
        wait_for(admin)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.ask_admin("/readyz")[0] == 200:
                return
            time.sleep(0.02)
        raise TimeoutError("the server did not become ready")

    def ask_admin(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=PATIENCE)
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def metric(self, name):
        """A metric without labels, as it was a moment ago at least."""
        # They are gathered once a second.
        time.sleep(1.2)
        _, text = self.ask_admin("/metrics")
        return float(next(line for line in text.splitlines() if line.startswith(f"{name} ")).split()[1])

    def publish(self, text):
        post(self.intake, "/v1/events", text, (201,))

    def quiet(self, count):
        # By itself larger than the tail of `from_log`, where nothing but the newest block of each topic has room beside it.
        self.publish(event(0, BULK_STREAM, filler="x" * 200_000))
        for number in range(count + 1):
            self.publish(event(number, QUIET_STREAM))
        url = f"http://127.0.0.1:{self.port}/v2/stream/{QUIET_STREAM}"
        return url, first_id(f"{url}?since=PT1H&limit=1")

    def load(self, count, make=None):
        """Stores so many events; `make` makes an event's text by its number, as `event` does."""
        make = make or event
        for start in range(0, count, 250):
            self.publish("[" + ",".join(map(make, range(start, min(start + 250, count)))) + "]")


class SecureEventStreams(EventStreams):
    """The same over TLS."""

    name = "eventstreams over TLS"

    def start(self):
        chain, key = certificate(self.directory)
        port = free_port()
        self.settings |= {"tls.certificates": chain, "tls.keys": key, "tls.port": port, "tls.handshakes_per_address": 0}
        super().start()
        self.url = f"https://127.0.0.1:{port}/v2/stream/{STREAM}"
        return self


class ValidatingEventStreams(EventStreams):
    """The same, each event held against its schema, which is that of the recorded ones."""

    name = "eventstreams, validating"
    schemas = SHARED / "schemas"
    stream_settings = {"schema_title": "mediawiki/recentchange"}

    def __init__(self, directory, **settings):
        super().__init__(directory, **{"schemas.repositories": self.schemas} | settings)


def post(connection, path, text, expected):
    connection.request("POST", path, text.encode(), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in expected:
        raise RuntimeError(f"{path} was answered with {answer.status}: {body[:500]!r}")


def compact(value):
    return json.dumps(value, separators=(",", ":"))


FILLER = "".join(chr(97 + (number * 7 + number // 26) % 26) for number in range(860))


def moment(seconds=None):
    """ISO 8601, to the microsecond; of now where no time is given."""
    seconds = seconds or time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06d}Z"


_ids = itertools.count()


def new_id():
    """As long as those of events are, and used once: an event that comes again is not stored again."""
    return f"{os.getpid():08x}-bench-{next(_ids):021}"


def event(number, stream=STREAM, filler=FILLER, due=None):
    """An invented event of about a kilobyte, with its time: in seconds, by default now."""
    return compact({"meta": {"stream": stream, "id": new_id(), "dt": moment(due)}, "number": number, "text": filler})


def first_id(url):
    """The id of a stream's first event."""
    request = urllib.request.Request(url, headers={"Accept": "text/event-stream"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as stream:
        for line in stream:
            if line.startswith(b"id:"):
                return line[3:].strip().decode()
    raise RuntimeError(f"{url} has no event with an id")


def recorded_events():
    """Makes events as they were recorded, but for where they belong and their time. None where there are no records."""
    file = SHARED / "data/recentchange-2023-01-25.ndjson.gz"
    if not file.exists():
        return None
    with gzip.open(file) as unpacked:
        recorded = [json.loads(line) for line in unpacked]

    def recorded_event(number, due=None):
        record = recorded[number % len(recorded)]
        kept = {key: value for key, value in record["meta"].items() if key not in ("topic", "partition", "offset")}
        return compact(record | {"meta": kept | {"stream": STREAM, "id": new_id(), "dt": moment(due)}})

    return recorded_event


def pin_to_load_core():
    os.sched_setaffinity(0, {int(LOAD_CORE)})
