"""TLS: what is agreed on, with whom, and what clients see of it."""

import concurrent.futures
import json
import re
import signal
import socket
import ssl
import subprocess
import threading
import time

import httpx
import httpx_sse
import pytest
import requests

import tls
from browser import chromium, wait
from events import STREAMS, Events, post
from server import Server, ServerFailed, eventually
from test_http2 import H2SPEC_EXCEPTIONS, h2spec

ALL = "/v2/stream/test.page?since=2000-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return tls.certificate(tmp_path_factory.mktemp("certificates"), "one", "one.test", "127.0.0.1")


@pytest.fixture(scope="module")
def server(tmp_path_factory, pair):
    """A server with ten events, which no test changes."""
    server = Server(tmp_path_factory.mktemp("server"), streams=STREAMS, settings=tls.settings(pair, hsts="1d"))
    try:
        server.start()
        server.chain = pair[0]
        post(server.intake, Events().list(10))
        yield server
    finally:
        server.kill()


def curl(server, path, *options):
    return subprocess.run(["curl", "-sSN", "-m", "20", "--cacert", server.chain, *options, server.tls_url + path],
                          capture_output=True, timeout=30)


# What is agreed on.

@pytest.mark.parametrize("version", ["tls1", "tls1_1"])
def test_old_versions_are_refused(server, version):
    said = tls.client(server.tls_port, f"-{version}", "-cipher", "ALL@SECLEVEL=0")
    assert "alert protocol version" in said and "Cipher is (NONE)" in said


@pytest.mark.parametrize("version,name", [("tls1_2", "TLSv1.2"), ("tls1_3", "TLSv1.3")])
def test_new_versions_are_spoken(server, version, name):
    assert re.search(rf"New, {re.escape(name)}, Cipher is \w", tls.client(server.tls_port, f"-{version}"))


def test_ciphers_are_those_of_the_intermediate_list(server):
    names = subprocess.run(["openssl", "ciphers", "-tls1_2", "-s", "ALL:eNULL@SECLEVEL=0"], capture_output=True, text=True,
                           check=True, timeout=30).stdout.strip().split(":")

    def is_spoken(name):
        said = tls.client(server.tls_port, "-tls1_2", "-cipher", f"{name}@SECLEVEL=0")
        return f"Cipher is {name}" in said

    spoken = {name for name in names if is_spoken(name)}
    assert spoken == {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"}


def test_renegotiation_is_refused(server):
    said = tls.client(server.tls_port, "-tls1_2", "-legacy_renegotiation", text="R\n")
    assert "RENEGOTIATING" in said and "no renegotiation" in said


def test_nothing_is_compressed_and_no_early_data_taken(server):
    # The ticket, which says how much early data is taken, comes with the answer.
    said = tls.client(server.tls_port, "-tls1_3", "-ign_eof", text="GET /robots.txt HTTP/1.0\r\nHost: x\r\n\r\n")
    assert "Compression: NONE" in said and "Max Early Data: 0" in said


@pytest.mark.parametrize("version", ["tls1_2", "tls1_3"])
def test_a_ticket_resumes(server, version, tmp_path):
    ticket = tmp_path / "ticket"
    # The ticket of TLS 1.3 comes after the handshake: with the answer.
    request = "GET /robots.txt HTTP/1.0\r\nHost: x\r\n\r\n"
    run = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.tls_port}", f"-{version}", "-ign_eof"]
    first = subprocess.run([*run, "-sess_out", ticket], input=request, text=True, capture_output=True, timeout=30)
    assert "New, TLSv1" in first.stdout
    second = subprocess.run([*run, "-sess_in", ticket], input=request, text=True, capture_output=True, timeout=30)
    assert "Reused, TLSv1" in second.stdout
    eventually(lambda: server.metric("eventstreams_tls_resumed_total") > 0)


@pytest.mark.parametrize("offer,chosen", [("h2,http/1.1", "h2"), ("http/1.1,h2", "h2"), ("http/1.1", "http/1.1")])
def test_the_protocol_is_agreed_on(server, offer, chosen):
    assert f"ALPN protocol: {chosen}\n" in tls.client(server.tls_port, "-alpn", offer)


def test_a_client_of_neither_protocol_is_told(server):
    assert "alert no application protocol" in tls.client(server.tls_port, "-alpn", "spdy/3")


# Clients.

def test_curl_reads_a_stream_over_each_protocol(server):
    for option, version in [("--http1.1", b"1.1"), ("--http2", b"2")]:
        done = curl(server, f"{ALL}&limit=10", option, "-w", "%{http_version}")
        assert done.returncode == 0 and done.stdout.endswith(version) and done.stdout.count(b"\ndata: {") == 10, done.stderr


def test_documents_are_as_in_the_clear_and_say_how_long_tls_is_meant(server):
    with httpx.Client(verify=ssl.create_default_context(cafile=server.chain), http2=True) as client:
        for path in ["/v2/stream", "/?spec", "/robots.txt", "/v2/ui/"]:
            ours, theirs = client.get(server.tls_url + path), httpx.get(server.url + path)
            assert ours.http_version == "HTTP/2" and (ours.status_code, ours.content) == (theirs.status_code, theirs.content)
            assert ours.headers["strict-transport-security"] == "max-age=86400"
            assert "strict-transport-security" not in theirs.headers


def test_a_stream_is_resumed_over_tls(server):
    def read(client, count, **headers):
        with httpx_sse.connect_sse(client, "GET", server.tls_url + ALL, headers=headers) as source:
            events = []
            for event in source.iter_sse():
                events.append(event)
                if len(events) == count:
                    return events

    for http2 in [False, True]:
        with httpx.Client(verify=ssl.create_default_context(cafile=server.chain), http2=http2, timeout=30) as client:
            first = read(client, 4)
            rest = read(client, 6, **{"Last-Event-ID": first[-1].id})
            assert [json.loads(event.data)["number"] for event in first + rest] == list(range(10))


BY_KERNEL = "eventstreams_tls_kernel_connections_total"


@pytest.mark.skipif(not tls.kernel_has_it(), reason="this kernel has no TLS: modprobe tls")
@pytest.mark.parametrize("protocol", ["--http1.1", "--http2"])
@pytest.mark.parametrize("cipher", [
    ("--tlsv1.2", "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("--tlsv1.2", "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ("--tlsv1.3", "--tls13-ciphers", "TLS_AES_128_GCM_SHA256"), ("--tlsv1.3", "--tls13-ciphers", "TLS_AES_256_GCM_SHA384"),
    ("--tlsv1.3", "--tls13-ciphers", "TLS_CHACHA20_POLY1305_SHA256"),
], ids=lambda cipher: cipher[-1])
def test_what_the_kernel_encrypts_comes_whole(start, pair, protocol, cipher):
    server = start(settings=tls.settings(pair))
    assert "the kernel encrypts what clients are sent over TLS" in server.log()
    post(server.intake, [event | {"filler": "x" * 3000} for event in Events().list(1000)])
    # First what is stored, which the client reads slower than it is sent; then live events, one by one. Then the stream ends in order.
    reading = subprocess.Popen(
        ["curl", "-sSN", "-m", "60", "--cacert", pair[0], protocol, *cipher, "--limit-rate", "2M",
         f"{server.tls_url}{ALL}&limit=1050"], stdout=subprocess.PIPE)
    try:
        eventually(lambda: server.metric(BY_KERNEL) == 1)
        for event in Events(seed=2).list(50):
            post(server.intake, [event])
        text, _ = reading.communicate(timeout=90)
    finally:
        reading.kill()
    numbers = [json.loads(line[6:])["number"] for line in text.splitlines() if line.startswith(b"data: {")]
    assert reading.returncode == 0 and numbers == [*range(1000), *range(50)]
    assert server.metric(BY_KERNEL) == 1


@pytest.mark.skipif(not tls.kernel_has_it(), reason="this kernel has no TLS: modprobe tls")
def test_a_slow_client_gets_all_that_the_kernel_encrypts(start, pair):
    server = start(settings=tls.settings(pair))
    post(server.intake, [event | {"filler": "x" * 3000} for event in Events().list(300)])
    with socket.socket() as plain:
        # What the client has not read yet waits at the server, which has ended the stream long before.
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(30)
        plain.connect(("127.0.0.1", server.tls_port))
        context = ssl.create_default_context(cafile=pair[0])
        with context.wrap_socket(plain, server_hostname="one.test", suppress_ragged_eofs=False) as secure:
            secure.sendall(f"GET {ALL}&limit=300 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            text = b""
            # Where close_notify is missing the last of these fails.
            while received := secure.recv(4096):
                text += received
                time.sleep(0.03)
    assert text.count(b"\ndata: {") == 300 and text.endswith(b"\r\n0\r\n\r\n")
    assert server.metric(BY_KERNEL) == 1


@pytest.mark.skipif(not tls.kernel_has_it(), reason="this kernel has no TLS: modprobe tls")
def test_the_server_encrypts_where_the_kernel_is_not_to(start, pair):
    server = start(settings=tls.settings(pair, kernel="false"))
    post(server.intake, [event | {"filler": "x" * 3000} for event in Events().list(100)])
    server.chain = pair[0]
    assert curl(server, f"{ALL}&limit=100", "--limit-rate", "1M").stdout.count(b"\ndata: {") == 100
    assert server.metric(BY_KERNEL) == 0


def test_nghttp_reads_a_stream(server):
    done = subprocess.run(["nghttp", "-t", "20", f"{server.tls_url}{ALL}&limit=3"], capture_output=True, timeout=30)
    assert done.stdout.count(b"\ndata: {") == 3, done.stderr


@pytest.mark.parametrize("options", [(), ("--h2", "--streams-per-connection", "10")], ids=["http1", "http2"])
def test_the_load_tool_follows_over_tls_and_loses_nothing(start, pair, options):
    server = start(settings=tls.settings(pair))
    load = subprocess.Popen(
        [server.binary, "bench", "--json", "--clients", "30", "--seconds", "2", *options, f"{server.tls_url}/v2/stream/test.page"],
        stdout=subprocess.PIPE)
    try:
        eventually(lambda: server.metric("eventstreams_connected_clients") == 30)
        post(server.intake, Events().list(20))
        result = json.loads(load.communicate(timeout=60)[0])
    finally:
        load.kill()
    assert result["good"] and result["clients"]["connected"] == 30
    assert server.metric("eventstreams_tls_handshakes_total{outcome=\"completed\"}") == (3 if options else 30)


def test_h2spec_passes_strictly_over_tls(server, shared):
    failures, output = h2spec(shared, server.tls_port, "-t", "-k")
    # Whoever has agreed on HTTP/2 can't speak HTTP/1.1: no exception is needed for the preface.
    assert failures <= H2SPEC_EXCEPTIONS.keys() - {"Sends invalid connection preface"}, output[-3000:]


def test_a_browser_follows_thirty_streams_on_one_connection(start, pair):
    server = start(settings=tls.settings(pair))
    driver = chromium(insecure=True)
    try:
        driver.get(server.tls_url + "/robots.txt")
        driver.execute_script("""
            window.opened = 0; window.counts = [];
            for (let index = 0; index < 30; index++) {
                const source = new EventSource("/v2/stream/test.page");
                source.onopen = () => { opened += 1; };
                source.onmessage = () => { counts[index] = (counts[index] || 0) + 1; };
            }""")
        wait(driver, "opened == 30")
        post(server.intake, Events().list(5))
        wait(driver, "counts.filter(count => count == 5).length == 30")
        # It may have opened a second connection to be quick, of which it then needs none.
        eventually(lambda: server.metric("eventstreams_connected_clients") == 30)
        assert server.metric("eventstreams_tls_handshakes_total{outcome=\"completed\"}") <= 2
    finally:
        driver.quit()


# Certificates.

def test_the_host_that_is_asked_for_chooses_the_certificate(start, tmp_path):
    one = tls.certificate(tmp_path, "one", "one.test")
    two = tls.certificate(tmp_path, "two", "two.test", "*.wild.test", kind="rsa")
    server = start(settings=tls.settings(one, two))
    for asked, name in [("one.test", "one.test"), ("two.test", "two.test"), ("a.wild.test", "two.test"),
                        ("a.b.wild.test", "one.test"), ("nobody.test", "one.test"), (None, "one.test")]:
        assert tls.shown(server.tls_port, asked)[0] == name, asked


@pytest.mark.parametrize("by_signal", [True, False], ids=["signal", "file"])
def test_a_new_certificate_is_taken_over_under_load_and_no_connection_is_lost(start, tmp_path, by_signal):
    chain, key = tls.certificate(tmp_path, "now", "one.test", "127.0.0.1")
    new = tls.certificate(tmp_path / "new", "now", "two.test", "127.0.0.1")
    server = start(settings=tls.settings((chain, key), look_interval="1d" if by_signal else "100ms"))
    follower = subprocess.Popen(["curl", "-skN", "-m", "60", f"{server.tls_url}/v2/stream/test.page?limit=40"],
                                stdout=subprocess.PIPE)
    eventually(lambda: server.metric("eventstreams_connected_clients") == 1)
    events, failures, isDone = Events(), [], threading.Event()

    def come_and_go():
        context = ssl._create_unverified_context()
        while not isDone.is_set():
            try:
                with httpx.Client(verify=context, http2=True, timeout=30) as client:
                    assert client.get(server.tls_url + "/robots.txt").status_code == 200
            except Exception as failure:
                failures.append(failure)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        clients = [pool.submit(come_and_go) for _ in range(2)]
        try:
            post(server.intake, events.list(20))
            for old, other in zip((chain, key), new):
                other.rename(old)
            if by_signal:
                server.signal(signal.SIGHUP)
            eventually(lambda: tls.shown(server.tls_port, "two.test") == ["two.test"])
            post(server.intake, events.list(20))
            assert follower.communicate(timeout=60)[0].count(b"\ndata: {") == 40
        finally:
            isDone.set()
            follower.kill()
        for each in clients:
            each.result()
    assert not failures
    assert "new certificates are used for new connections" in server.log()


def test_a_bad_new_pair_is_refused_and_the_old_one_stays(start, tmp_path):
    chain, key = tls.certificate(tmp_path, "now", "one.test")
    other = tls.certificate(tmp_path / "new", "now", "two.test")
    server = start(settings=tls.settings((chain, key), look_interval="100ms"))
    other[0].rename(chain)
    eventually(lambda: "the private key does not belong to the certificate" in server.log())
    assert tls.shown(server.tls_port, "two.test") == ["one.test"]
    chain.write_text("nothing")
    eventually(lambda: "the file does not hold a certificate in PEM" in server.log())
    # Told once, not at every look.
    time.sleep(0.5)
    assert server.log().count("does not hold a certificate") == 1
    assert tls.shown(server.tls_port, "two.test") == ["one.test"]


@pytest.mark.parametrize("spoil,words", [
    (lambda chain, key: key.unlink(), "can't be read: there is no such file"),
    (lambda chain, key: key.write_text("x"), "does not hold a private key"),
    (lambda chain, key: chain.write_text("x"), "does not hold a certificate in PEM"),
    (lambda chain, key: tls.certificate(chain.parent / "b", "b", "b.test")[1].rename(key), "does not belong"),
])
def test_bad_files_are_refused_at_the_start_in_words(tmp_path, spoil, words):
    chain, key = tls.certificate(tmp_path / "c", "a", "a.test")
    spoil(chain, key)
    server = Server(tmp_path / "server", streams=STREAMS, settings=tls.settings((chain, key)))
    with pytest.raises(ServerFailed, match=words):
        server.start()
    command = [server.binary, "check-config", "--set", f"tls.certificates={chain}", "--set", f"tls.keys={key}"]
    # Without the tests' own variables, which are no settings.
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={})
    assert done.returncode == 1 and words in done.stderr and "/c/a." in done.stderr


def test_a_certificate_that_ends_soon_is_told_of(start, tmp_path):
    chain, key = tls.certificate(tmp_path, "soon", "soon.test", kind="rsa", days=3)
    server = start(settings=tls.settings((chain, key)))
    assert re.search(r"soon\.pem ends in [23] days: renew it", server.log())
    end = server.metric("eventstreams_tls_certificate_end_seconds")
    assert abs(end - time.time() - 3 * 86_400) < 3_600


# The port in the clear.

def test_plain_http_at_the_tls_port_is_told_so(server):
    answer = requests.get(server.tls_url.replace("https", "http"), timeout=30)
    assert answer.status_code == 400 and "https://" in answer.json()["detail"]


def test_the_plain_port_redirects(start, pair):
    server = start(settings=tls.settings(pair, redirect="true"))
    answer = requests.get(f"{server.url}/v2/stream/test.page?a=b%20c", allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (
        308, f"https://127.0.0.1:{server.tls_port}/v2/stream/test.page?a=b%20c")
    assert requests.get(f"{server.url}/readyz", allow_redirects=False, timeout=30).status_code == 200
    post(server.intake, Events().list(3))
    done = subprocess.run(["curl", "-skNL", "-m", "20", f"{server.url}{ALL}&limit=3"], capture_output=True, timeout=30)
    assert done.stdout.count(b"\ndata: {") == 3


def test_redirects_name_the_port_that_clients_see(start, pair):
    server = start(settings=tls.settings(pair, redirect="true", redirect_port=443))
    for host, name in [("example.org:8092", "example.org"), ("[::1]:8092", "[::1]"), ("example.org", "example.org")]:
        answer = requests.get(server.url, headers={"Host": host}, allow_redirects=False, timeout=30)
        assert answer.headers["Location"] == f"https://{name}/"


# Abuse.

def test_a_flood_of_handshakes_waits_behind_live_clients(start, pair):
    server = start(settings=tls.settings(pair, handshakes=50, handshakes_per_address=0) | {
        "http.new_connections_per_address": 0})
    follower = subprocess.Popen(["curl", "-skN", "-m", "60", f"{server.tls_url}/v2/stream/test.page?limit=30"],
                                stdout=subprocess.PIPE)
    eventually(lambda: server.metric("eventstreams_connected_clients") == 1)
    context = ssl._create_unverified_context()
    sockets = []

    def begin():
        plain = socket.create_connection(("127.0.0.1", server.tls_port), timeout=30)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        with pytest.raises(ssl.SSLWantReadError):
            context.wrap_bio(incoming, outgoing).do_handshake()
        plain.sendall(outgoing.read())
        sockets.append(plain)

    for _ in range(200):
        begin()
    events = Events()
    for _ in range(30):
        post(server.intake, events.list(1))
    assert follower.communicate(timeout=60)[0].count(b"\ndata: {") == 30
    assert eventually(lambda: server.metric("eventstreams_tls_handshake_waits_total"))
    for each in sockets:
        each.close()
    eventually(lambda: server.metric("eventstreams_tls_handshakes_total{outcome=\"gone\"}") > 0)


def test_one_address_is_cut_off_above_its_rate(start, pair):
    server = start(settings=tls.settings(pair, handshakes_per_address=1))
    results = [subprocess.run(["curl", "-sk", "-m", "10", f"{server.tls_url}/robots.txt"], capture_output=True,
                              timeout=30).returncode for _ in range(16)]
    assert results[:10] == [0] * 10 and any(results[10:])
    eventually(lambda: server.metric("eventstreams_tls_handshakes_total{outcome=\"address_rate\"}") > 0)
    # Requests in the clear are no handshakes.
    assert requests.get(f"{server.url}/robots.txt", timeout=30).status_code == 200


def test_a_slow_handshake_is_cut_off(start, pair):
    server = start(settings=tls.settings(pair, handshake_timeout="500ms"))
    with socket.create_connection(("127.0.0.1", server.tls_port), timeout=30) as plain:
        plain.sendall(b"\x16\x03\x01")
        assert plain.recv(1) == b""
    eventually(lambda: server.metric("eventstreams_tls_handshakes_total{outcome=\"timeout\"}") == 1)


def test_the_access_log_names_the_protocol(server):
    curl(server, "/v2/stream/nothing")
    curl(server, f"{ALL}&limit=1", "--http1.1", "--tls-max", "1.2")
    log = eventually(lambda: server.log() if 'protocol="HTTP/1.1 TLSv1.2"' in server.log() else None)
    assert 'protocol="HTTP/2 TLSv1.3"' in log
