"""Certificates, and servers that speak TLS with them."""

import re
import socket
import ssl
import subprocess


def certificate(directory, name, *names, kind="ec", days=90):
    """A self-signed certificate and its key, for these names; the two files."""
    directory.mkdir(parents=True, exist_ok=True)
    chain, key = directory / f"{name}.pem", directory / f"{name}.key"
    made = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["rsa:2048"]}[kind]
    places = ",".join(f"IP:{each}" if re.fullmatch(r"[\d.]+", each) else f"DNS:{each}" for each in names)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", *made, "-nodes", "-keyout", key, "-out", chain, "-days", str(days), "-subj",
         f"/CN={names[0]}", "-addext", f"subjectAltName={places}"], check=True, capture_output=True, timeout=60)
    return chain, key


def settings(*pairs, **more):
    """Settings of a server with these certificates."""
    return {"tls.port": 0, "tls.certificates": ",".join(str(chain) for chain, _ in pairs),
            "tls.keys": ",".join(str(key) for _, key in pairs)} | {f"tls.{key}": value for key, value in more.items()}


def kernel_has_it():
    """Whether the kernel can encrypt: it has the module `tls`."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as connection:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, "TCP_ULP", 31), b"tls")
        except OSError:
            return False
    return True


def client(port, *options, text="", timeout=30):
    """What `openssl s_client` says of a connection that is ended at once."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options], input=text, text=True,
                          capture_output=True, timeout=timeout, errors="replace")
    return done.stdout + done.stderr


def shown(port, name):
    """The names of the certificate that is shown to a client that asks for a host."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname=name) as secure:
            der = secure.getpeercert(binary_form=True)
    text = subprocess.run(["openssl", "x509", "-inform", "der", "-noout", "-ext", "subjectAltName"], input=der,
                          capture_output=True, check=True, timeout=30).stdout.decode()
    return re.findall(r"DNS:([^,\s]+)", text)
