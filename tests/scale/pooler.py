"""PgBouncer in transaction mode before a PostgreSQL: each transaction may get another session.

In: the URL of a server. Out: URLs that lead to its databases through the pooler. As a plugin it puts
the pooler before every PostgreSQL database of the tests that are run:

    python -m pytest -p tests.scale.pooler tests/store tests/web
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from tests import databases
from tests.running import free_port, wait_until

#: sessions that PgBouncer keeps with a database: fewer than the threads that ask
SESSIONS = 3
SETTINGS = """
[databases]
* = host={host} port={port} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 200
server_idle_timeout = 1
"""


class Pooler:
    """A running PgBouncer."""

    def __init__(self, server: str) -> None:
        """Args:
        server: URL of any database of the server.

        Where there is no PgBouncer, the test skips.
        """
        program = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if program is None:
            pytest.skip("no PgBouncer (Debian: apt-get install pgbouncer)")
        self._port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="aggregator-pooler-"))
        # a folder of whoever it runs as: it refuses to be root
        self._folder.chmod(0o777)
        settings = self._folder / "pgbouncer.ini"
        settings.write_text(_settings(make_url(server), self._port, self._folder), "utf-8")
        as_whom = ["-u", _reader_of(make_url(server))] if os.geteuid() == 0 else []
        self.log = self._folder / "pgbouncer.log"
        with self.log.open("wb") as sink:
            self._process = subprocess.Popen([program, *as_whom, str(settings)], stdout=sink, stderr=sink)
        wait_until(lambda: "listening on" in self.log.read_text(), what="PgBouncer")

    def through(self, url: str) -> str:
        """Return the URL of the same database behind the pooler."""
        pooled = make_url(url).set(host="127.0.0.1", port=self._port, query={})
        return pooled.render_as_string(hide_password=False)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder)


def _reader_of(server: URL) -> str:
    """Return a user that may speak with the server: its own where it listens in a folder."""
    folder = server.query.get("host")
    return Path(str(folder)).owner() if folder else "nobody"


def _settings(server: URL, port: int, folder: Path) -> str:
    return SETTINGS.format(
        host=server.query.get("host") or server.host,
        port=server.port or 5432,
        user=server.username or "postgres",
        password=f" password={server.password}" if server.password else "",
        listen=port,
        folder=folder,
        sessions=SESSIONS,
    )


@cache
def _before(server: str) -> Pooler:
    """One pooler for the whole run."""
    pooler = Pooler(server)
    atexit.register(pooler.close)
    return pooler


def pytest_configure() -> None:
    """Put it before the databases of the tests."""
    direct = databases.Databases.url

    def pooled(self: databases.Databases, kind: str, *, migrated: bool = True) -> str:
        url = direct(self, kind, migrated=migrated)
        return url if kind == "sqlite" else _before(databases._postgres_url()).through(url)

    databases.Databases.url = pooled  # type: ignore[method-assign]
