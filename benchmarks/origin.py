"""nginx in front of a generated world: one document root for each loopback address.

A folder flows in, a port and a running server out; validators and gzip are nginx's own. The port after
that one answers over TLS, with a certificate that nobody knows.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CONF = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log {folder}/access.log; client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp;
  fastcgi_temp_path {folder}/tmp; uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
  types {{ application/xml xml; }} gzip_static on; keepalive_timeout 75s; sendfile on;
  server {{ listen 0.0.0.0:{port} backlog=4096; root {folder}/www/$server_addr; }}
  server {{ listen 0.0.0.0:{tls_port} ssl backlog=4096; root {folder}/www/$server_addr;
    ssl_certificate {folder}/one.pem; ssl_certificate_key {folder}/one.key; }}
}}
"""
#: openssl's, for a certificate that lasts as long as a run
CERTIFICATE = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9 -subj /CN=one"


def is_installed() -> bool:
    """True where nginx is on the path."""
    return shutil.which("nginx") is not None


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Serve the world in *folder* on all of 127.0.0.0/8; yield the port; TLS is at the next."""
    port = _free_port()
    (folder / "tmp").mkdir(exist_ok=True)
    folder.chmod(0o755)
    config = folder / "nginx.conf"
    place = folder.resolve()
    user = "user root;" if Path.home() == Path("/root") else ""
    config.write_text(user + CONF.format(folder=place, port=port, tls_port=port + 1))
    files = ["-keyout", str(folder / "one.key"), "-out", str(folder / "one.pem")]
    subprocess.run(["openssl", *CERTIFICATE.split(), *files], check=True, capture_output=True)
    server = subprocess.Popen(["nginx", "-e", str(folder / "error.log"), "-c", str(config.resolve())])
    try:
        _await(port)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def count_requests(folder: Path) -> dict[str, int]:
    """Return how many answers of each status the server gave since the last call."""
    log = folder / "access.log"
    counts: dict[str, int] = {}
    for line in log.read_text().splitlines():
        status = line.split('" ', 1)[1].split()[0]
        counts[status] = counts.get(status, 0) + 1
    with log.open("r+") as file:
        file.truncate(0)
    return counts


def _free_port() -> int:
    """Return a port that is free on all addresses, as the next one is."""
    while True:
        with socket.socket() as one, socket.socket() as following:
            one.bind(("0.0.0.0", 0))
            port = int(one.getsockname()[1])
            with suppress(OSError):
                following.bind(("0.0.0.0", port + 1))
                return port


def _await(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
