"""The reverse proxy as it is shipped: Debian's nginx with ``deploy/nginx.conf``, on free ports of this machine."""

import datetime as dt
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.servers.postgres import free_port

SHIPPED = Path(__file__).parents[3] / "deploy" / "nginx.conf"
NAME = "portal.example.org"
# What of Debian's own /etc/nginx/nginx.conf matters here.
AROUND = """
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
daemon off;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    gzip on;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/portal.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """Where it listens, with TLS and without."""

    port: int
    plain_port: int
    folder: Path

    def connect(self, *, timeout: float = 30) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.folder / "portal.crt"))
        line = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        try:
            return context.wrap_socket(line, server_hostname=NAME)
        except OSError:
            line.close()
            raise


def find_nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


@contextmanager
def running_nginx(folder: Path, portal_port: int) -> Iterator[Proxy]:
    """The shipped proxy in front of a portal on ``portal_port``."""
    folder.mkdir(exist_ok=True)
    proxy = Proxy(free_port(), free_port(), folder)
    _write_certificate(folder)
    (folder / "portal.conf").write_text(moved(SHIPPED.read_text(encoding="utf-8"), proxy, portal_port))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    binary = find_nginx()
    assert binary is not None
    server = subprocess.Popen([binary, "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")])
    try:
        _wait_for(proxy.port, server)
        yield proxy
    finally:
        server.terminate()
        server.wait(30)


def moved(shipped: str, proxy: Proxy, portal_port: int) -> str:
    """The shipped file with other ports and paths; nothing else is touched."""
    changes = [
        (r"listen \[::\].*;\n", "\n"),  # not every machine that tests has IPv6
        (r"listen 443 ", f"listen 127.0.0.1:{proxy.port} "),
        (r"listen 80(?=[ ;])", f"listen 127.0.0.1:{proxy.plain_port}"),
        (r"127\.0\.0\.1:8000 ", f"127.0.0.1:{portal_port} "),
        (r"/etc/nginx/(portal\.(?:crt|key))", rf"{proxy.folder}/\1"),
        (r"/var/log/nginx", f"{proxy.folder}"),
    ]
    for pattern, replacement in changes:
        shipped, count = re.subn(pattern, replacement, shipped)
        assert count, pattern
    return shipped


def _write_certificate(folder: Path) -> None:
    """One that signs itself, for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "portal.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "portal.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert server.poll() is None, "nginx did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("nginx does not listen")
