"""A station for faults: sources with numbered entries, the program beside them, and a judge outside.

Entries are appended while everything runs and never taken away. At the end every one of them must
stand exactly once in the store and in the published feed, and whatever was once published must still
have the bytes it had when it was first seen.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from tests.origin import Origin, Reply, Seen
from tests.running import (
    Running,
    environment,
    family,
    free_port,
    is_gone,
    json_lines,
    printed,
    wait_until,
)

SOURCES = 4
LETTERS = str.maketrans("0123456789", "ghijklmnop")
#: the first entries are older than the test, so that nothing is in the future
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)
CONFIG = """
site: {{title: Faults, url: 'http://127.0.0.1:{port}', contact: ed@paper.example, timezone: Europe/London}}
web: {{listen: '127.0.0.1:{port}'}}
database: '{database}'
fetch: {{allow_private: {allowed}, per_host: 8, spacing: 0s, timeout: 5s}}
defaults: {{every: 1s, initial_items: 1000}}
feeds:
  all: {{title: All, query: '', limit: 1000}}
sources:
"""


@dataclass
class Station:
    """One origin, one configuration, one store."""

    origin: Origin
    folder: Path
    database: str = "sqlite:///faults.db"
    numbers: Counter[int] = field(default_factory=Counter)
    #: id -> its bytes in the published Atom feed when first seen
    published: dict[str, bytes] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    #: words before the command, such as those that start it in a namespace of its own
    prefix: tuple[str, ...] = ()
    #: the date of an entry, from its number, as it is published; it keeps it
    date_of: Callable[[int], datetime] = lambda number: BEGAN + timedelta(seconds=20 * number)
    dates: dict[str, datetime] = field(default_factory=dict)
    #: the host of each source; one host for all where there is one
    hosts: tuple[str, ...] = ("127.0.0.1",)
    #: the sources take requests and do not answer
    keeps_waiting: bool = False

    def __post_init__(self) -> None:
        self.config = self.folder / "faults.yaml"
        self.log = self.folder / "faults.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._stop = threading.Event()
        self._writer = threading.Thread(target=self._append_on, daemon=True)
        origin_port = self.origin.at.rpartition(":")[2]
        allowed = [f"{host}:{origin_port}" for host in self.hosts]
        text = CONFIG.format(port=self.port, database=self.database, allowed=allowed)
        for source in range(SOURCES):
            self.append(source)
            self.origin.on(f"/{source}", lambda seen, source=source: self._document(source, seen))
            host = self.hosts[source % len(self.hosts)]
            text += f"  - {{url: 'http://{host}:{origin_port}/{source}', name: paper {source}}}\n"
        self.config.write_text(text, "utf-8")

    def append(self, source: int) -> str:
        """Publish one more entry at *source* and return its id."""
        number = self.numbers[source] + 1
        made = entry_id(source, number)
        self.dates[made] = self.date_of(number)
        self.numbers[source] = number
        return made

    @contextlib.contextmanager
    def appending(self) -> Iterator[None]:
        """Publish an entry every now and then inside the block."""
        self._writer.start()
        try:
            yield
        finally:
            self._stop.set()
            self._writer.join()

    def _append_on(self) -> None:
        while not self._stop.wait(0.7):
            self.append(random.randrange(SOURCES))

    def _document(self, source: int, seen: Seen) -> Reply:
        if self.keeps_waiting:
            return Reply(is_held=True)
        count = self.numbers[source]
        tag = f'"{count}"'
        # where they have names, these are asked for again for each request
        headers = [("ETag", tag)] + [("Connection", "close")] * (len(self.hosts) > 1)
        if seen.header("If-None-Match") == tag:
            return Reply(304, headers)
        items = "".join(
            f"<item><guid isPermaLink='false'>{entry_id(source, n)}</guid>"
            f"<title>Report {n} of {source}: {words(source, n, 4)}</title>"
            f"<link>http://paper{source}.example/{n}</link>"
            f"<description>What happened, told {words(source, n, 20 + n % 7)}.</description>"
            f"<pubDate>{format_datetime(self.dates[entry_id(source, n)])}</pubDate></item>"
            for n in range(count, 0, -1)
        )
        body = f"<rss version='2.0'><channel><title>Paper {source}</title>{items}</channel></rss>"
        return Reply(200, [*headers, ("Content-Type", "application/rss+xml")], body.encode())

    @property
    def expected(self) -> set[str]:
        """The ids of everything that was ever published at the origin."""
        return {entry_id(source, n) for source, count in self.numbers.items() for n in range(1, count + 1)}

    def start(self, *words: str, wait: bool = True) -> Running:
        """Start the program (`run`, or *words*); wait until it answers."""
        command = [*self.prefix, sys.executable, "-m", "aggregator", "--config", str(self.config)]
        command += words or ("run",)
        with self.log.open("ab") as sink:
            process = subprocess.Popen(
                command, env={**environment(), **self.environment}, stdout=sink, stderr=sink
            )
        program = Running(process, self.url, self.log)
        if wait:
            wait_until(
                lambda: process.poll() is not None or program.get("/healthz")[0] == 200,
                what="the program to answer",
            )
            assert process.poll() is None, self.tail()
        return program

    @contextlib.contextmanager
    def running(self, *words: str) -> Iterator[Running]:
        """Run the program inside the block."""
        program = self.start(*words)
        try:
            yield program
        finally:
            end(program)

    def tail(self, characters: int = 4000) -> str:
        """The end of the log."""
        return self.log.read_text("utf-8", "replace")[-characters:]

    def look(self, body: bytes) -> set[str]:
        """Read the published Atom feed; what was there before must be as it was. Return the ids."""
        entries = re.findall(rb"<entry.*?</entry>", body, re.S)
        ids = [re.search(rb"<id>(.*?)</id>", entry)[1].decode() for entry in entries]  # type: ignore[index]
        doubles = [one for one, count in Counter(ids).items() if count > 1]
        assert not doubles, f"published twice: {doubles}"
        for one, entry in zip(ids, entries, strict=True):
            before = self.published.setdefault(one, entry)
            assert before == entry, f"changed after it was published:\n{before!r}\n{entry!r}"
        return set(ids)

    def settle(self, program: Running, timeout_s: float = 60) -> None:
        """Publish nothing more, and wait until all of it is in the published feed."""
        self._stop.set()
        if self._writer.is_alive():
            self._writer.join()
        missing: set[str] = set()

        def is_complete() -> bool:
            nonlocal missing
            status, _, body = program.get("/feeds/all.atom")
            missing = self.expected - self.look(body) if status == 200 else {f"status {status}"}
            return not missing

        try:
            wait_until(is_complete, timeout_s=timeout_s, what="every entry in the feed")
        except AssertionError as error:
            raise AssertionError(f"{error}; missing: {sorted(missing)[:10]}\n{self.tail()}") from None

    def judge(self) -> None:
        """Every entry once in the store and once in the feed, as it was when it was first published."""
        rows: list[dict[str, Any]] = json_lines(self.config, "articles")
        counts = Counter(row["id"] for row in rows)
        assert {one: count for one, count in counts.items() if count > 1} == {}, "stored twice"
        assert set(counts) == self.expected, "lost, or from nowhere"
        body = printed(self.config, "render", "feeds/all.atom").encode()
        seen_before = set(self.published)
        assert self.look(body) == self.expected
        assert seen_before <= self.expected
        items = json.loads(printed(self.config, "render", "feeds/all.json"))["items"]
        assert Counter(item["id"] for item in items) == Counter(self.expected)

    def surprises(self) -> list[str]:
        """Lines of the log that tell of a mistake of ours."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        signs = ("Traceback (most recent", "never retrieved", "internal error", "was never awaited")
        return [line for line in lines if any(sign in line for sign in signs)]


def words(source: int, number: int, count: int) -> str:
    """Return words that no other entry has: each is a story of its own."""
    return " ".join(hashlib.sha256(f"{source} {number} {place}".encode()).hexdigest()[:7].translate(LETTERS)
                    for place in range(count))  # fmt: skip


def entry_id(source: int, number: int) -> str:
    """The id of one entry."""
    return f"urn:fault:{source}:{number}"


def child_of(program: Running, word: str) -> int:
    """Return the process id of the program's `worker` or `web`: the process that has that name."""

    def find() -> int:
        for pid in family(program.process.pid):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == word:
                    return pid
        return 0

    return wait_until(find, what=f"the {word} process")


def end(program: Running) -> None:
    """End the program however it is, and wait until nothing of it is left."""
    members = list(family(program.process.pid))
    if program.process.poll() is None:
        program.process.terminate()
        try:
            program.process.wait(20)
        except subprocess.TimeoutExpired:
            program.process.kill()
            program.process.wait()
    for pid in members:
        wait_until(lambda pid=pid: is_gone(pid), timeout_s=15, what=f"process {pid} to end")


def kill(pid: int) -> None:
    """kill -9, unless it is gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
