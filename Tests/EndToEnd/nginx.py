"""nginx speaking HTTP/2 without TLS: before a server, and with the Nchan module as a server of events itself."""

import pathlib
import shutil

import pytest
import requests

from ports import free_ports
from proxies import Program
from server import PATIENCE

NCHAN = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")


class Nginx(Program):
    """One process. Its port for HTTP/2 is `url`; another speaks HTTP/1.1.

    streams: how many an HTTP/2 connection may have. requests: how many it may make before it is closed.
    """

    def __init__(self, directory, server=None, *, streams=128, requests=1_000_000):
        super().__init__(directory)
        self.http2_port, self.port = free_ports(2)
        self.url = f"http://127.0.0.1:{self.http2_port}"
        self.plain_url = f"http://127.0.0.1:{self.port}"
        temporary = " ".join(f"{name}_temp_path temp;" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        proxy = server and f"""
            location /v2/ {{
                proxy_pass {server.url}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
            }}"""
        nchan = NCHAN.exists() and """
            location = /publish { nchan_publisher; nchan_channel_id test; nchan_message_buffer_length 1000; }
            location = /subscribe {
                nchan_subscriber eventsource; nchan_channel_id test; nchan_subscriber_first_message newest;
            }"""
        (self.directory / "nginx.conf").write_text(f"""
            {f"load_module {NCHAN};" if nchan else ""}
            daemon off; master_process off; pid nginx.pid; error_log error.log;
            events {{ worker_connections 4000; }}
            http {{
                access_log off; {temporary} client_body_in_single_buffer on; lingering_close off;
                http2_max_concurrent_streams {streams}; keepalive_requests {requests};
                server {{
                    listen 127.0.0.1:{self.http2_port} http2;
                    listen 127.0.0.1:{self.port};
                    location = /alive {{ return 204; }}
                    {proxy or ""} {nchan or ""}
                }}
            }}""")

    def start(self):
        command = [PROGRAM, "-p", self.directory, "-c", "nginx.conf"]
        return self.launch(command, f"{self.plain_url}/alive", cwd=self.directory)

    def publish(self, text):
        """To those who follow `/subscribe` now."""
        requests.post(f"{self.plain_url}/publish", data=text, timeout=PATIENCE).raise_for_status()


@pytest.fixture
def nginx(tmp_path):
    """Starts nginx, before a server or by itself."""
    if PROGRAM is None:
        pytest.skip("no nginx; script/setup --tests installs it")
    started = []

    def start(server=None, **options):
        started.append(Nginx(tmp_path / f"nginx-{len(started)}", server, **options))
        return started[-1].start()

    yield start
    for each in started:
        each.close()


@pytest.fixture
def nchan(nginx):
    if not NCHAN.exists():
        pytest.skip("no Nchan module of nginx; script/setup --tests installs it")
    return nginx()
