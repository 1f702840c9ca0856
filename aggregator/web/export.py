"""The whole site as files: our own application is walked like by a reader, and what it answers is written.

An application and a folder in; pages, feeds, lists, icons and their compressed copies out. A file is
replaced in one step, and only where its bytes changed, so a web server may serve the folder meanwhile
and copying tools have little to do. What is not published any more is removed.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from flask import Flask
from lxml import etree, html

from aggregator.errors import AggregatorError
from aggregator.publish.addresses import FORMATS, article_path, page_path, prefix
from aggregator.publish.render import CODINGS, encode_as
from aggregator.store.feeds.days import load_newest
from aggregator.web.crawlers import ARTICLES
from aggregator.web.current import DESK
from aggregator.web.desk import Desk
from aggregator.web.roster import every_head
from aggregator.web.static import names

#: what was written by the run before, so that only our own files are ever removed
MANIFEST = ".aggregator-export.json"
#: what the present run adds to that, a name a line; it is there after a run that was killed
BEGUN = ".aggregator-export.begun"
#: how the name of a file begins that is not whole yet
_DRAFT = ".writing-"
#: where the walk begins, beside the feeds
_STARTS = ("/", "/feeds", "/topics", "/sources", "/editions", "/about/sources", "/about/fetching", "/status",
           "/opml/feeds.opml", "/opml/sources.opml", "/sitemap.xml", "/robots.txt", "/favicon.ico",
           "/apple-touch-icon.png")  # fmt: skip
#: pages that only a running server can answer
_LIVE = re.compile(r"/(search|newsletters|hub|websub|metrics|healthz|readyz|admin)(/|\.|\Z)")
_SUFFIX = {"gzip": ".gz", "br": ".br"}
_COMPRESSED = (
    "text/",
    "application/xml",
    "application/atom",
    "application/rss",
    "application/feed",
    "image/svg",
)
#: fewer bytes are not worth a second file
_WORTH = 500


class ExportError(AggregatorError):
    """The site cannot be written there; the message says why."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a run did, in files."""

    written: int
    unchanged: int
    removed: int


def export_site(app: Flask, folder: Path, progress: Callable[[int], None] | None = None) -> Exported:
    """Write the site to *folder*, as it is now.

    Args:
        progress: is told after each answer how many files there are so far.

    Raises:
        ExportError: the folder cannot be written, or holds something that is not ours.
    """
    desk: Desk = app.extensions[DESK]
    app.config["EXPORT"] = True
    desk.forget()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            before = _begin(folder)
            done: set[str] = set()
            written = 0
            with (folder / BEGUN).open("w", encoding="utf-8") as begun:
                for path, body, media_type in _walk(app, desk):
                    for name, content in _files(path, body, media_type):
                        if name not in done:
                            if name not in before:
                                print(name, file=begun, flush=True)
                            written += _write(folder / name, content)
                            done.add(name)
                    if progress:
                        progress(len(done))
            gone = before - done
            for name in gone:
                (folder / name).unlink(missing_ok=True)
            _write(folder / MANIFEST, json.dumps(sorted(done)).encode())
            (folder / BEGUN).unlink()
    except OSError as error:
        raise ExportError(f"{folder} cannot be written: {error.strerror or error}") from None
    return Exported(written, len(done) - written, len(gone))


def _walk(app: Flask, desk: Desk) -> Iterator[tuple[str, bytes, str]]:
    """Yield path, body and media type of everything that links lead to; links elsewhere are left alone."""
    client = app.test_client()
    base = prefix(desk.site)
    feeds = [page_path(head.kind, head.slug) for head in every_head(desk)]
    waiting = deque((*_STARTS, *(f"/static/{name}" for name in names(desk.site.theme))))
    waiting.extend(f"{feed}.{suffix}" for feed in feeds for suffix in FORMATS)
    waiting.extend(feeds)
    waiting.extend(article_path(one) for one, _ in desk.read(load_newest, ARTICLES))
    seen = set(waiting)
    while waiting:
        path = waiting.popleft()
        answer = client.get(path, headers={"Accept": "text/html,*/*;q=0.5"})
        if answer.status_code != 200:
            continue
        media_type = answer.mimetype or ""
        yield path, answer.data, media_type
        for link in _links(answer.data, media_type, desk.site.url, base):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    missing = client.get("/404")
    yield "/404", missing.data, "text/html"


def _links(body: bytes, media_type: str, site_url: str, base: str) -> Iterator[str]:
    """Yield the paths of ours that a page or a feed leads to."""
    host = urlsplit(site_url).netloc
    if media_type == "text/html":
        found = html.document_fromstring(body).xpath("//a/@href | //link/@href")
    elif media_type in ("application/atom+xml", "application/rss+xml"):
        # a feed's past is reached from its documents alone (RFC 5005 §4)
        found = etree.fromstring(body).xpath("//*[local-name()='link'][contains(@rel, '-archive')]/@href")
    else:
        return
    for link in found:
        parts = urlsplit(str(link))
        ours = not parts.netloc or parts.netloc == host
        if not ours or parts.query or parts.scheme not in ("", "http", "https"):
            continue
        path = parts.path.removeprefix(base) or "/"
        if path.startswith("/") and not _LIVE.match(path):
            yield path


def _files(path: str, body: bytes, media_type: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of one answer: a page is ``name.html``, a compressed copy stands beside each."""
    name = unquote(path).strip("/")
    if media_type == "text/html":
        name = f"{name}.html" if name else "index.html"
    if ".." in PurePosixPath(name).parts or name.startswith("."):
        return
    yield name, body
    if len(body) >= _WORTH and media_type.startswith(_COMPRESSED):
        for coding in CODINGS:
            yield name + _SUFFIX[coding], encode_as(body, coding)


def _write(path: Path, content: bytes) -> bool:
    """Make *path* hold *content*, in one step; False if it did already."""
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_DRAFT)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one run write after the other, where the file system knows locks."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _begin(folder: Path) -> set[str]:
    """Return the files of the runs before; what a run that was killed left is made ours, or removed."""
    manifest, begun = folder / MANIFEST, folder / BEGUN
    if not manifest.is_file() and not begun.is_file() and any(folder.iterdir()):
        raise ExportError(f"{folder} holds something else; name an empty folder, or one exported before")
    names = {str(name) for name in json.loads(manifest.read_bytes())} if manifest.is_file() else set()
    if begun.is_file():
        # behind the last end of a line stands half a name, and there is no such file
        names.update(begun.read_text("utf-8").split("\n")[:-1])
        _write(manifest, json.dumps(sorted(names)).encode())
        for draft in folder.rglob(f"{_DRAFT}*"):
            draft.unlink()
    return names
