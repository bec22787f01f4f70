"""Clients that a proxy of TCP connections names by the PROXY protocol, in the clear and before TLS."""

import contextlib
import re
import shutil
import socket
import ssl
import struct

import pytest
import requests

import tls
from ports import free_ports
from proxies import Program
from server import PATIENCE, eventually

REQUEST = b"GET /v2/stream/test.page?limit=1 HTTP/1.1\r\nHost: a\r\n\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
PROXIES = {"http.trusted_proxies": "127.0.0.0/8", "http.proxy_protocol": "true"}


def first(address):
    return f"PROXY TCP4 {address} 127.0.0.1 4711 80\r\n".encode()


def second(address, more=b""):
    body = socket.inet_aton(address) + socket.inet_aton("127.0.0.1") + struct.pack(">HH", 4711, 80) + more
    return SIGNATURE + bytes([0x21, 0x11]) + struct.pack(">H", len(body)) + body


def ask(port, *pieces):
    """Connects and sends pieces one by one; returns the connection."""
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for piece in pieces:
        connection.sendall(piece)
    return connection


def head(connection):
    text = b""
    while b"\r\n\r\n" not in text:
        chunk = connection.recv(4096)
        if not chunk:
            break
        text += chunk
    return text


@pytest.fixture(name="server")
def served(start):
    return start(settings=PROXIES | {"http.max_connections_per_address": 1})


@pytest.mark.parametrize("header", [first, second, lambda address: second(address, b"\x04\0\x02ab")])
def test_limits_and_the_access_log_count_the_client_that_is_named(server, header):
    with contextlib.ExitStack() as stack:
        def status(address):
            return head(stack.enter_context(ask(server.port, header(address) + REQUEST)))[9:12]

        assert [status("192.0.2.1"), status("192.0.2.2"), status("192.0.2.1")] == [b"200", b"200", b"429"]
    eventually(lambda: re.search(r"address=192\.0\.2\.2 .*status=200", server.log()))


def test_a_header_may_come_in_pieces_and_speak_for_the_proxy_itself(server):
    header = second("192.0.2.1")
    with ask(server.port, *(header[i:i + 1] for i in range(len(header))), REQUEST) as connection:
        assert head(connection).startswith(b"HTTP/1.1 200")
    own = SIGNATURE + bytes([0x20, 0]) + b"\0\0"
    for header in (own, b"PROXY UNKNOWN\r\n"):
        with ask(server.port, header + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") as connection:
            assert head(connection).startswith(b"HTTP/1.1 200")


def test_what_does_not_begin_so_is_closed_and_counted(server):
    wrong = [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"PROXY TCP4 1 2 3 4\r\n", SIGNATURE + b"\x21\x11\xff\xff", b"\x16\x03\x01"]
    for header in wrong:
        with ask(server.port, header) as connection, contextlib.suppress(ConnectionResetError):
            assert head(connection) == b""
    # One that leaves in the middle.
    with ask(server.port, SIGNATURE) as connection:
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert head(connection) == b""
    eventually(lambda: server.metric("eventstreams_proxy_headers_wrong_total") == len(wrong) + 1)
    eventually(lambda: server.metric('eventstreams_listener_connections{listener="streams"}') == 0)


def test_who_never_says_it_is_let_go(start):
    server = start(settings=PROXIES | {"http.head_timeout": "300ms", "http.idle_timeout": "300ms"})
    with ask(server.port, SIGNATURE[:5]) as connection, contextlib.suppress(ConnectionResetError):
        assert b" 200 " not in head(connection)


def test_it_comes_before_tls(start, tmp_path):
    pair = tls.certificate(tmp_path, "own", "localhost")
    server = start(settings=PROXIES | tls.settings(pair) | {"http.max_connections_per_address": 1})
    context = ssl._create_unverified_context()
    with contextlib.ExitStack() as stack:
        answers = []
        for address in ("192.0.2.1", "192.0.2.1", "192.0.2.3"):
            plain = stack.enter_context(ask(server.tls_port, second(address)))
            secure = stack.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
            secure.sendall(REQUEST)
            answers.append(head(secure)[9:12])
        assert answers == [b"200", b"429", b"200"]


def test_it_is_wanted_of_trusted_proxies_only(start):
    server = start(settings=PROXIES | {"http.trusted_proxies": "192.0.2.0/24"})
    assert requests.get(f"{server.url}/healthz", timeout=PATIENCE).ok
    with ask(server.port, first("192.0.2.1") + REQUEST) as connection:
        assert head(connection).startswith(b"HTTP/1.1 501")


@pytest.mark.skipif(not shutil.which("haproxy"), reason="no haproxy; script/setup --tests installs it")
@pytest.mark.parametrize("option", ["send-proxy", "send-proxy-v2"])
def test_haproxy_names_its_clients(server, tmp_path, option):
    port, = free_ports(1)
    proxy = Program(tmp_path / "haproxy")
    (proxy.directory / "haproxy.cfg").write_text(f"""
defaults
    mode tcp
    timeout connect 5s
    timeout client 50s
    timeout server 50s
listen streams
    bind 127.0.0.1:{port}
    server a 127.0.0.1:{server.port} {option}
""")
    try:
        proxy.launch(["haproxy", "-db", "-f", proxy.directory / "haproxy.cfg"], f"http://127.0.0.1:{port}/healthz")
        connection = socket.socket()
        connection.settimeout(PATIENCE)
        connection.bind(("127.0.0.9", 0))
        connection.connect(("127.0.0.1", port))
        with connection:
            connection.sendall(REQUEST)
            assert head(connection).startswith(b"HTTP/1.1 200")
        eventually(lambda: "address=127.0.0.9" in server.log())
    finally:
        proxy.close()
