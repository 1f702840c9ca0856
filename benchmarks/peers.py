"""Other aggregators, run on the same world: what they cost and what they stored.

Each peer is told the URLs and asked to poll all of them once a cycle, as a person would run it.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

Row = tuple[str, str, str, datetime | None, str]

READER = """
import json, sys
from reader import make_reader
reader = make_reader(sys.argv[1])
match sys.argv[2]:
    case "add":
        for url in json.load(sys.stdin):
            reader.add_feed(url)
    case "update":
        reader.update_feeds(scheduled=False, workers=8)
    case "rows":
        for entry in reader.get_entries():
            html = "".join(content.value for content in entry.content) or entry.summary or ""
            when = entry.published or entry.updated
            print(json.dumps([entry.feed_url, entry.id, entry.title, when and when.isoformat(), html]))
"""


class Peer(ABC):
    """One program."""

    name: str

    def __init__(self, folder: Path, urls: Sequence[str], options: argparse.Namespace) -> None:
        self.folder = folder / self.name
        self.folder.mkdir()
        self.options = options
        self.prepare(urls)

    @classmethod
    @abstractmethod
    def is_there(cls, options: argparse.Namespace) -> bool:
        """Tell whether it is installed and wished for."""

    @abstractmethod
    def prepare(self, urls: Sequence[str]) -> None:
        """Make its configuration; not measured."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that polls everything once."""

    @abstractmethod
    def rows(self) -> list[Row]:
        """Return what it stored: (address, id, title, published, html)."""


class Reader(Peer):
    """lemon24/reader, eight fetching threads."""

    name = "reader"

    @classmethod
    def is_there(cls, options: argparse.Namespace) -> bool:
        return bool(options.peers)

    def _run(self, what: str, given: str = "") -> str:
        done = subprocess.run(
            [*self._words(), what], input=given, text=True, check=True, stdout=subprocess.PIPE
        )
        return done.stdout

    def _words(self) -> list[str]:
        return [self.options.peers, "-c", READER, str(self.folder / "reader.db")]

    def prepare(self, urls: Sequence[str]) -> None:
        self._run("add", json.dumps(list(urls)))

    def command(self) -> list[str]:
        return [*self._words(), "update"]

    def rows(self) -> list[Row]:
        found: list[Row] = []
        for line in self._run("rows").splitlines():
            url, key, title, when, html = json.loads(line)
            found.append((_host(url), key, title, datetime.fromisoformat(when) if when else None, html))
        return found


class Sfeed(Peer):
    """sfeed_update with its own number of jobs; it never asks conditionally by itself."""

    name = "sfeed"

    @classmethod
    def is_there(cls, options: argparse.Namespace) -> bool:
        return bool(options.sfeed and shutil.which("sfeed_update"))

    def prepare(self, urls: Sequence[str]) -> None:
        lines = "".join(f"  feed '{_host(url)}' '{url}'\n" for url in urls)
        (self.folder / "sfeedrc").write_text(f"sfeedpath='{self.folder}/feeds'\nfeeds() {{\n{lines}}}\n")

    def command(self) -> list[str]:
        return ["sfeed_update", str(self.folder / "sfeedrc")]

    def rows(self) -> list[Row]:
        found: list[Row] = []
        for path in (self.folder / "feeds").iterdir():
            for line in path.read_text("utf-8").splitlines():
                when, title, _, html, _, key, *_ = line.split("\t")
                moment = datetime.fromtimestamp(int(when), UTC) if when else None
                found.append((path.name, key, title.strip(), moment, html))
        return found


PEERS: dict[str, type[Peer]] = {"reader": Reader, "sfeed": Sfeed}


def measure_peer(peer: Peer) -> tuple[float, float]:
    """Poll everything once; return CPU and wall seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(peer.command(), check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return round(cpu, 2), round(time.monotonic() - began, 1)


def _host(url: str) -> str:
    return url.split("/")[2].partition(":")[0]
