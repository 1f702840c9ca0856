"""The whole site as files: our own application is walked as a reader would, and what it answers is written.

An application and a folder in; pages, feeds, lists, icons and their compressed copies out. How the
folder is kept is told in export_folder.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from flask import Flask
from lxml import etree, html

from aggregator.publish.addresses import FORMATS, article_path, page_path, prefix
from aggregator.publish.render import CODINGS, encode_as
from aggregator.store.articles.listing import load_newest
from aggregator.web.crawlers import ARTICLES
from aggregator.web.current import DESK
from aggregator.web.desk import Desk
from aggregator.web.export_folder import Exported, exporting
from aggregator.web.roster import every_head
from aggregator.web.static import names

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
    with exporting(folder) as export:
        for path, body, media_type in _walk(app, desk):
            for name, content in _files(path, body, media_type):
                export.put(name, content)
            if progress:
                progress(len(export.done))
    return export.outcome


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
