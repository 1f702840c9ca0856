"""A real daemon among hostile sources: each costs its own poll, and nobody else anything.

Round after round every hostile source is asked. Meanwhile good sources append entries; each of those
must be published, no good source may wait an interval longer than it should, and the memory of all
processes together must not grow. `make hostile` plays ten rounds with the long cases.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.hostile.cases import Case, unlike
from tests.hostile.documents import TRAP, Document, documents
from tests.hostile.fields import fields
from tests.hostile.memory import pss_mb
from tests.hostile.packing import packing
from tests.hostile.redirects import redirects
from tests.hostile.server import Hostile, Play, head
from tests.hostile.transport import transport
from tests.origin import Origin, Reply, Seen
from tests.running import Running, free_port, json_lines, running, wait_until

ROUNDS = int(os.environ.get("AGGREGATOR_HOSTILE", "2"))
IS_LONG = ROUNDS > 2
#: of the cases, the short run plays every third
SHARE = 3
GOOD = 4
#: seconds between two polls of a good source; the second is spread over a further interval
EVERY_S = 60 if IS_LONG else 15
#: seconds that one poll may take
TIMEOUT_S = 10 if IS_LONG else 4
#: megabytes of all processes together (parent, worker, web server, readers) when a round is over; a
#: document that takes long may still be read then
MOST_MB = 480
#: hostile sources come from so many addresses
ADDRESSES = 16
CONFIG = """
site: {{title: Hostile, url: 'http://127.0.0.1:{port}', contact: editor@paper.example}}
web: {{listen: '127.0.0.1:{port}'}}
database: 'sqlite:///hostile.db'
fetch: {{allow_private: [{allowed}], per_host: 8, spacing: 0s, timeout: {timeout}s}}
defaults: {{every: 6h, initial_items: 1000}}
feeds:
  good: {{title: Good, query: 'tag:good', limit: 1000}}
  all: {{title: All, query: '', limit: 200}}
sources:
"""
DUE_NOW = """
UPDATE sources SET due_at = added_at, not_before = NULL, failures = 0, claimed_until = NULL, body_hash = NULL,
    etag = NULL, last_modified = NULL
WHERE name LIKE 'hostile%'
"""
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)


class Good:
    """Sources that append an entry at each poll, on a machine of their own."""

    def __init__(self) -> None:
        self.origin = Origin(host="127.0.0.2")
        self.counts = [0] * GOOD

    def document(self, source: int, seen: Seen) -> Reply:
        self.counts[source] += 1
        items = "".join(
            f"<item><guid isPermaLink='false'>good-{source}-{n}</guid><title>Report {n} of {source}</title>"
            f"<link>http://good{source}.example/{n}</link>"
            f"<pubDate>{format_datetime(BEGAN + timedelta(seconds=20 * n))}</pubDate></item>"
            for n in range(self.counts[source], 0, -1)
        )
        body = f"<rss version='2.0'><channel><title>Good {source}</title>{items}</channel></rss>"
        return Reply(200, (("Content-Type", "application/rss+xml"),), body.encode())

    def longest_gap_s(self) -> float:
        """The longest time between two polls of one of them, up to now."""
        longest = 0.0
        for source in range(GOOD):
            times = [seen.at for seen in self.origin.seen(f"/{source}")] + [time.monotonic()]
            longest = max(longest, *(b - a for a, b in itertools.pairwise(times)))
        return longest

    def titles(self) -> set[str]:
        """Every title that was ever published here, but those of the very last poll."""
        return {f"Report {n} of {source}" for source in range(GOOD) for n in range(1, self.counts[source])}


def hostile_cases(trap: Hostile, folder: Path) -> tuple[Case, ...]:
    """Every case; documents that take long only in the long run."""
    read = (
        Case(f"document: {one.name}", _sending(one, trap, folder / f"{number}.xml"), one.kinds | {"timeout"})
        for number, one in enumerate(documents())
        if IS_LONG or not one.is_long
    )
    listed = unlike(itertools.chain(transport(), packing(), redirects(trap.port), fields(), read))
    return listed if IS_LONG else listed[::SHARE]


def _sending(document: Document, trap: Hostile, path: Path) -> Play:
    """A play that sends a document from a file: made before anything runs, for it takes long, too."""
    body = document.make()
    if len(body) < 100_000:
        body = body.replace(TRAP.encode(), f"http://127.0.0.1:{trap.port}".encode())
    path.write_bytes(body)
    start = head(
        "HTTP/1.1 200 OK",
        f"Content-Type: {document.content_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return lambda line: line.send_file(start, path)


class Stage:
    """The hostile origins, the trap, the good sources and the configuration."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.trap = stack.enter_context(Hostile())
        self.trap6 = stack.enter_context(Hostile("::1")) if _has_ipv6() else None
        self.good = Good()
        stack.enter_context(self.good.origin)
        self.origins = [stack.enter_context(Hostile(f"127.0.1.{n}")) for n in range(1, ADDRESSES + 1)]
        self.cases = hostile_cases(self.trap, folder)
        self.config = folder / "hostile.yaml"
        self.port = free_port()
        allowed, lines = {self.good.origin.at, *(origin.at for origin in self.origins)}, []
        for source in range(GOOD):
            url = self.good.origin.on(
                f"/{source}", lambda seen, source=source: self.good.document(source, seen)
            )
            lines.append(f"  - {{url: '{url}', name: good {source}, tags: [good], every: {EVERY_S}s}}\n")
        for number, case in enumerate(self.cases):
            origin = self.origins[number % ADDRESSES]
            if case.greets:
                origin = stack.enter_context(Hostile(f"127.0.2.{1 + number % 200}", greet=case.play))
                allowed.add(origin.at)
            url = origin.on(f"/{number}", case.play).replace("http:", f"{case.scheme}:", 1)
            lines.append(f"  - {{url: '{url}', name: hostile {number}}}\n")
        listed = ", ".join(f"'{at}'" for at in sorted(allowed))
        self.config.write_text(
            CONFIG.format(port=self.port, allowed=listed, timeout=TIMEOUT_S) + "".join(lines), "utf-8"
        )

    def ask_all(self) -> datetime:
        """Make every hostile source due now, whatever it did before; return when."""
        now = datetime.now(UTC)
        engine = create_engine(f"sqlite:///{self.config.parent / 'hostile.db'}", connect_args={"timeout": 30})
        with engine.begin() as connection:
            connection.execute(text(DUE_NOW))
        engine.dispose()
        return now

    def states(self, program: Running) -> dict[int, dict[str, Any]]:
        """The hostile sources as status shows them, by number."""
        listed = json.loads(program.get("/status.json")[2])["sources"]
        return {int(row["name"][8:]): row for row in listed if row["name"].startswith("hostile ")}

    def wait_for_round(self, program: Running, since: datetime) -> dict[int, dict[str, Any]]:
        """Return the states once every hostile source was asked after *since*."""
        from_then = since.isoformat()

        def finished() -> dict[int, dict[str, Any]] | None:
            states = self.states(program)
            left = [row for row in states.values() if not row["last_poll"] or row["last_poll"] < from_then]
            return states if not left else None

        return wait_until(finished, timeout_s=600, what="every hostile source to be asked")

    def misjudged(self, states: dict[int, dict[str, Any]]) -> list[str]:
        """Cases that ended otherwise than they must, in words; on a busy machine some may be late."""
        wrong, late = [], 0
        for number, case in enumerate(self.cases):
            row = states[number]
            kind = row["kind"] if row["state"] == "failing" else "ok"
            late += kind == "timeout" and "timeout" not in case.kinds
            if kind not in case.kinds and not (kind == "timeout" and late <= len(self.cases) / 10):
                wrong.append(f"{case.name}: {kind} ({row['reason']}), not {sorted(case.kinds)}")
        return wrong


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with contextlib.ExitStack() as stack:
        yield Stage(tmp_path, stack)


class Scales(threading.Thread):
    """Weighs the program every now and then; the heaviest since the last look counts."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._stop_it, self.peak = pid, threading.Event(), 0.0

    def run(self) -> None:
        while not self._stop_it.wait(1.0):
            self.peak = max(self.peak, pss_mb(self._pid))

    def stop(self) -> None:
        self._stop_it.set()


@pytest.mark.slow
@pytest.mark.timeout(300 + 500 * ROUNDS)
def test_hostile_sources_cost_themselves_and_nobody_else(stage: Stage) -> None:
    weights: list[float] = []
    with running(stage.config, f"http://127.0.0.1:{stage.port}") as program:
        scales = Scales(program.process.pid)
        scales.start()
        for number in range(ROUNDS):
            began = time.monotonic()
            since = stage.ask_all() if number else BEGAN
            states = stage.wait_for_round(program, since)
            weights.append(pss_mb(program.process.pid))
            print(f"round {number + 1}: {len(states)} hostile sources in {time.monotonic() - began:.0f} s, "
                  f"{weights[-1]:.0f} MB (peak {scales.peak:.0f}), longest gap of a good source "
                  f"{stage.good.longest_gap_s():.1f} s")  # fmt: skip
            assert not (wrong := stage.misjudged(states)), "\n".join(wrong)
        scales.stop()
        titles = stage.good.titles()
        published = program.get("/feeds/good.json")[2].decode()
        assert [title for title in sorted(titles) if f'"{title}"' not in published] == []
        everything = [program.get(f"/feeds/all.{suffix}") for suffix in ("atom", "rss", "json")]
    assert stage.trap.connections == 0, stage.trap.asked
    assert stage.trap6 is None or stage.trap6.connections == 0
    assert {status for status, _, _ in everything} == {200}
    assert stage.good.longest_gap_s() <= 2 * EVERY_S, "a good source waited for hostile ones"
    assert all(row["articles"] <= 20_000 for row in json_lines(stage.config, "status"))
    assert max(weights) <= MOST_MB, weights
    half = ROUNDS // 2
    assert max(weights[half:]) <= max(weights[:half]) * 1.1 + 40, f"memory grows: {weights}"
