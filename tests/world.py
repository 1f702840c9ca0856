"""The demo world: twelve invented papers behind one loopback origin, advancing as time passes.

In flow the files of tests/data/world and a clock, out flow feed documents, pages, pictures and sound over
HTTP, with honest validators. ``python -m tests.world --listen 127.0.0.1:8899`` runs it alone, ``-- COMMAND``
together with a command; tests use ``Origin(World(...))`` and turn the clock by hand. It never writes a file
and never talks to anything but its clients.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from tests.worldmedia import mp3, picture, wav
from tests.worldorigin import Origin
from tests.worldseries import notices
from tests.worldsheet import Record, Sheet
from tests.worldstock import DocumentSpec, Item, Paper, fill_in, load_papers, plain

__all__ = ["Origin", "World", "main"]


class World:
    """The papers and what of them is out by now.

    With *is_live* the clock runs; otherwise it stands until ``advance()`` or ``release()``.
    """

    def __init__(
        self,
        papers: Iterable[Paper] | None = None,
        *,
        start: datetime | None = None,
        is_live: bool = False,
        base_url: str = "http://127.0.0.1:8899",
    ) -> None:
        self.papers = {paper.slug: paper for paper in (load_papers() if papers is None else papers)}
        #: UTC, whole seconds; items' times count from here
        self.start = (start or datetime.now(UTC)).replace(microsecond=0)
        self.base_url = base_url
        self._is_live = is_live
        self._began = time.monotonic()
        self._advanced_s = 0.0
        self._released: dict[tuple[str, str], float] = {}
        self._lock = threading.RLock()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start of the world."""
        running = time.monotonic() - self._began if self._is_live else 0.0
        return running + self._advanced_s

    @property
    def now(self) -> datetime:
        """The time in the world."""
        return self.start + timedelta(seconds=self.elapsed_s)

    def advance(self, seconds: float) -> None:
        """Turn the clock forward."""
        with self._lock:
            self._advanced_s += seconds

    def release(self, name: str) -> Item:
        """Publish the item ``id`` or ``paper/id`` now, whatever its time; KeyError if there is none.

        The clock moves on by one second first, so that no two releases share a Last-Modified.
        """
        with self._lock:
            paper, item = self._find(name)
            self._advanced_s += 1
            self._released[paper.slug, item.id] = self.elapsed_s
            return item

    def add(self, slug: str, item: Item) -> None:
        """Add an item that no file holds to a paper; it is out when its ``at_s`` has come."""
        with self._lock:
            paper = self.papers[slug]
            self.papers[slug] = replace(paper, items=(*paper.items, item))

    def specs(self) -> tuple[DocumentSpec, ...]:
        """Return every feed document of the world, by paper."""
        return tuple(spec for paper in self.papers.values() for spec in paper.documents)

    def sheet(self, path: str) -> Sheet | None:
        """Return what the document at *path* says now; None if there is no such document."""
        with self._lock:
            for paper in self.papers.values():
                for spec in paper.documents:
                    if spec.path == path:
                        return self._sheet(paper, spec)
        return None

    def records(self, slug: str) -> tuple[Record, ...]:
        """Return everything a paper has published so far, newest first."""
        with self._lock:
            return self._records(self.papers[slug])

    def media(self, name: str) -> tuple[bytes, str] | None:
        """Return the bytes and media type of a file under /media/; None if there is none."""
        stem, _, suffix = name.rpartition(".")
        if suffix == "png" and stem:
            return picture(stem), "image/png"
        length = stem.rpartition("-")[2]
        if suffix in ("wav", "mp3") and length.isdigit() and int(length) <= 3600:
            is_wav = suffix == "wav"
            return (wav(stem, int(length)), "audio/wav") if is_wav else (mp3(int(length)), "audio/mpeg")
        return None

    def _find(self, name: str) -> tuple[Paper, Item]:
        slug, _, wanted = name.rpartition("/")
        for paper in self.papers.values():
            for item in paper.items:
                if item.id == wanted and slug in ("", paper.slug):
                    return paper, item
        raise KeyError(name)

    def _out_at(self, paper: Paper, item: Item) -> float | None:
        """Return the second at which *item* came out; None while it is not out."""
        released = self._released.get((paper.slug, item.id))
        if released is not None:
            return released
        return item.at_s if item.at_s <= self.elapsed_s else None

    def _sheet(self, paper: Paper, spec: DocumentSpec) -> Sheet:
        records = [r for r in self._records(paper) if not spec.sections or r.item.section in spec.sections]
        modified = max((r.updated or r.published for r in records), default=self.start)
        return Sheet(
            paper=paper,
            spec=spec,
            base_url=self.base_url,
            records=tuple(records[: spec.limit]),
            modified=modified,
        )

    def _records(self, paper: Paper) -> tuple[Record, ...]:
        out = {
            item.id: (at, item)
            for item in self._stock(paper)
            if (at := self._out_at(paper, item)) is not None
        }
        revisions = {item.revises: (at, item) for at, item in sorted(out.values(), key=_at) if item.revises}
        fresh = sorted((pair for pair in out.values() if not pair[1].revises), key=_at, reverse=True)
        return tuple(self._record(paper, at, item, revisions.get(item.id)) for at, item in fresh)

    def _stock(self, paper: Paper) -> tuple[Item, ...]:
        """Return the written items of a paper and the notices of its series so far."""
        found = [(series, notice) for series in paper.series for notice in notices(series, self.elapsed_s)]
        return paper.items + tuple(
            Item(
                id=notice.id,
                title=notice.title,
                at_s=notice.at_s,
                section=series.section,
                categories=tuple(series.categories.split(", ")),
                body=f"<p>{notice.text}</p>",
            )
            for series, notice in found
        )

    def _record(self, paper: Paper, at: float, item: Item, revision: tuple[float, Item] | None) -> Record:
        updated = None
        if revision is not None:
            updated = self._instant(revision[0])
            new = revision[1]
            item = replace(
                item, title=new.title or item.title, body=new.body or item.body, summary=new.summary
            )
        link = f"{self.base_url}/{paper.slug}/{item.id}"
        if item.raw_link is not None:
            link = "" if item.raw_link == "none" else self._fill(item.raw_link)
        body = self._fill(item.body)
        return Record(
            item=item,
            published=self._instant(at),
            updated=updated,
            body=_with_picture(body, self._picture(paper, item), item),
            summary=self._fill(item.summary) or _first_paragraph(body),
            link=link,
            guid=self._guid(paper, item, link),
            raw_date=None if item.raw_date is None else self._raw_date(item.raw_date),
            image=self._picture(paper, item),
            audio=self._audio(paper, item),
        )

    def _instant(self, at_s: float) -> datetime:
        return (self.start + timedelta(seconds=at_s)).replace(microsecond=0)

    def _fill(self, text: str) -> str:
        return fill_in(text, start=self.start, base_url=self.base_url)

    def _raw_date(self, text: str) -> str:
        return "" if text == "none" else self._fill(text)

    def _guid(self, paper: Paper, item: Item, link: str) -> str:
        if item.raw_guid is not None:
            return "" if item.raw_guid == "none" else self._fill(item.raw_guid)
        if paper.ids == "number":
            return str(1_000_000 + int.from_bytes(blake2b(item.id.encode(), digest_size=3).digest()))
        return f"tag:{paper.slug}.example,2020:{item.id}" if paper.ids == "tag" else link

    def _picture(self, paper: Paper, item: Item) -> str:
        return f"{self.base_url}/media/{item.image}.png" if item.image else ""

    def _audio(self, paper: Paper, item: Item) -> tuple[str, str, int, int] | None:
        if not item.audio_s:
            return None
        url = f"{self.base_url}/media/{item.id}-{item.audio_s}.{paper.sound}"
        if paper.sound == "mp3":
            return url, "audio/mpeg", len(mp3(item.audio_s)), item.audio_s
        return url, "audio/wav", 44 + 8000 * item.audio_s, item.audio_s


def _at(pair: tuple[float, Item]) -> float:
    return pair[0]


def _first_paragraph(body: str) -> str:
    start = body.find("<p>")
    return plain(body[start : body.find("</p>", start)]) if start >= 0 else plain(body)[:300]


def _with_picture(body: str, url: str, item: Item) -> str:
    """Return the body with the item's picture on top, as papers send it."""
    if not url or not body:
        return body
    return f'<figure><img src="{url}" width="960" height="540" alt=""></figure>\n{body}'


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the world until Ctrl-C, or until the command after ``--`` ends; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.world", description="Serve the demo world.")
    parser.add_argument("--listen", default="127.0.0.1:8899", metavar="HOST:PORT")
    parser.add_argument("--open", default="", metavar="URL", help="an address to tell the reader about")
    parser.add_argument("command", nargs="*", help="run this beside the origin, after --")
    options = parser.parse_args(arguments)
    host, _, port = options.listen.rpartition(":")
    try:
        origin = Origin(World(is_live=True), host=host, port=int(port))
    except OSError as problem:
        print(f"The demo world cannot listen on {options.listen}: {problem.strerror}.", file=sys.stderr)
        return 1
    with origin:
        print(f"The demo world is served on {origin.url}/", flush=True)
        if options.open:
            print(f"Read the newspaper on {options.open}  (Ctrl-C ends both)", flush=True)
        return _run(options.command) if options.command else _wait()


def _run(command: Sequence[str]) -> int:
    """Run *command* and wait for its end. Ctrl-C reaches it from the terminal; SIGTERM is passed on."""
    # a handler, unlike SIG_IGN, is not inherited: the command keeps its own answer to Ctrl-C
    signal.signal(signal.SIGINT, lambda *_: None)
    with subprocess.Popen(command) as child:
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        return child.wait()


def _wait() -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
