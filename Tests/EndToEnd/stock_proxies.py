"""Proxies as Debian configures them, each with no more added than where the server is; and Envoy as `config/envoy.yaml` does."""

import pathlib
import re
import shutil
import sys

import pytest

from ports import free_ports
from proxies import Program
from server import ROOT

# Envoy comes with the Python packages of the tests.
PATH = f"{sys.prefix}/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class StockProxy(Program):
    """One proxy before one server. Subclasses write its configuration and return its command."""

    program = ""

    def __init__(self, directory, server):
        super().__init__(directory)
        self.upstream = server.port
        self.port, = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        return self.launch(self.command(), f"{self.url}/healthz", cwd=self.directory, env=self.environment())

    def environment(self):
        return {"PATH": PATH}

    def close(self):
        """In order: those that have processes of their own end them."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            finally:
                super().close()


class Nginx(StockProxy):
    program = "nginx"

    def command(self):
        site = f"server {{ listen 127.0.0.1:{self.port}; location / {{ proxy_pass http://127.0.0.1:{self.upstream}; }} }}"
        (self.directory / "site").write_text(site)
        text = pathlib.Path("/etc/nginx/nginx.conf").read_text()
        text = text.replace("/etc/nginx/sites-enabled/*", str(self.directory / "site"))
        text = re.sub("/var/log/nginx|/run(?=/nginx.pid)", str(self.directory), text)
        (self.directory / "nginx.conf").write_text(text)
        return ["nginx", "-c", self.directory / "nginx.conf", "-g", "daemon off;"]


class HAProxy(StockProxy):
    program = "haproxy"

    def command(self):
        text = pathlib.Path("/etc/haproxy/haproxy.cfg").read_text()
        # What needs Debian's own directories and users.
        text = re.sub(r"(?m)^\s*(chroot|stats|user|group|daemon|log /dev/log)\b.*\n", "", text)
        (self.directory / "haproxy.cfg").write_text(
            f"{text}\nlisten public\n    bind 127.0.0.1:{self.port}\n    server a 127.0.0.1:{self.upstream}\n")
        return ["haproxy", "-db", "-f", self.directory / "haproxy.cfg"]


class Varnish(StockProxy):
    program = "varnishd"

    def command(self):
        text = pathlib.Path("/etc/varnish/default.vcl").read_text()
        assert '"8080"' in text
        (self.directory / "default.vcl").write_text(text.replace('"8080"', f'"{self.upstream}"'))
        return ["varnishd", "-F", "-j", "none", "-n", self.directory / "work", "-a", f"127.0.0.1:{self.port}",
                "-f", self.directory / "default.vcl", "-s", "malloc,32m"]


class Apache(StockProxy):
    program = "apache2"

    def command(self):
        etc = pathlib.Path("/etc/apache2")
        for name in ["mods-available", "mods-enabled", "conf-enabled", "apache2.conf"]:
            (self.directory / name).symlink_to(etc / name)
        (self.directory / "magic").symlink_to(etc / "magic")
        (self.directory / "ports.conf").write_text(
            f"Listen 127.0.0.1:{self.port}\nServerName localhost\n"
            "Include mods-available/proxy.load\nInclude mods-available/proxy_http.load\n")
        sites = self.directory / "sites-enabled"
        sites.mkdir()
        (sites / "site.conf").write_text(f"ProxyPass / http://127.0.0.1:{self.upstream}/\n")
        return ["apache2", "-D", "FOREGROUND", "-d", self.directory, "-f", self.directory / "apache2.conf"]

    def environment(self):
        place = str(self.directory)
        names = ["APACHE_RUN_DIR", "APACHE_LOCK_DIR", "APACHE_LOG_DIR"]
        return {"PATH": PATH, "APACHE_RUN_USER": "www-data", "APACHE_RUN_GROUP": "www-data",
                "APACHE_PID_FILE": f"{place}/apache2.pid"} | {name: place for name in names}


class Envoy(StockProxy):
    program = "envoy"

    def command(self):
        text = (ROOT / "config/envoy.yaml").read_text()
        for old, new in [("0.0.0.0, port_value: 8080", f"127.0.0.1, port_value: {self.port}"),
                         ("port_value: 8092", f"port_value: {self.upstream}")]:
            assert text.count(old) == 1
            text = text.replace(old, new)
        (self.directory / "envoy.yaml").write_text(text)
        return ["envoy", "-c", self.directory / "envoy.yaml", "--disable-hot-restart", "--concurrency", "1"]


PROXIES = {"nginx": Nginx, "HAProxy": HAProxy, "Varnish": Varnish, "Apache": Apache, "Envoy": Envoy}


@pytest.fixture
def stock_proxy(tmp_path):
    """Starts proxies by name before a server."""
    started = []

    def start(name, server):
        if not shutil.which(PROXIES[name].program, path=PATH):
            pytest.skip(f"no {PROXIES[name].program}; script/test installs it")
        started.append(PROXIES[name](tmp_path / name, server))
        return started[-1].start()

    yield start
    for proxy in started:
        proxy.close()
