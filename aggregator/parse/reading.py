"""One document of any kind of source: bytes and reading instructions in, a ParsedFeed out.

Feeds go to parse.document as ever; pages, JSON, sitemaps and local files to their readers. A
page that suddenly has fewer than half of its usual entries is a failure by name: its layout
changed, and what it lists now is not to be believed. Whatever the bytes are, nothing but a
ParseError is ever raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aggregator.errors import LayoutChanged, NotAFeed
from aggregator.model import DocumentTrace, ParsedFeed, Reading, completed
from aggregator.model.packing import pack
from aggregator.parse import repair
from aggregator.parse.bounds import bounded
from aggregator.parse.charsets import to_text, unpacked
from aggregator.parse.discovery import best_of, find_feeds
from aggregator.parse.document import parse_document
from aggregator.parse.failures import named_errors
from aggregator.parse.jsonsource import read_json_source
from aggregator.parse.pages.page import read_page
from aggregator.parse.pages.tree import page_text
from aggregator.parse.prefilter import load_trace
from aggregator.parse.sitemap import read_sitemap
from aggregator.query.wording import worded

#: fewer usual entries than this say nothing about a layout
_FEWEST_USUAL = 4


def read_document(
    body: bytes,
    *,
    url: str,
    headers: Mapping[str, str],
    reading: Reading | None = None,
) -> ParsedFeed:
    """Return our reading of one document of a source.

    Args:
        reading: how; None: it is a feed.

    Raises:
        NotAFeed: a feed was expected, and it is something else.
        LayoutChanged: selectors or paths find nothing, or far less than usual.
        ParseKilled: reading it took more memory than there is.
        ParseError: it cannot be read.
    """
    reading = reading or Reading()
    with named_errors("document"):
        parsed = _finished(_read(unpacked(body), url, headers, reading))
    _check_layout(parsed, reading)
    return parsed


def _finished(parsed: ParsedFeed) -> ParsedFeed:
    """Cut what is too large, then work out of each entry what other processes would have to."""
    parsed = bounded(parsed)
    entries = tuple(map(worded, parsed.entries))
    for entry in entries:
        completed(entry, packed=pack(entry))
    return replace(parsed, entries=entries)


def _read(body: bytes, url: str, headers: Mapping[str, str], reading: Reading) -> ParsedFeed:
    match reading.kind:
        case "feed":
            trace = load_trace(reading.trace) if reading.trace else None
            return _read_feed(body, url, headers, trace)
        case "page":
            return read_page(page_text(body, headers), url, reading)
        case "json":
            return read_json_source(to_text(body, headers)[0], url, reading)
        case "sitemap":
            return read_sitemap(to_text(body, headers)[0], url)
        case _:
            return _read_file(body, url, headers, reading)


def _read_feed(body: bytes, url: str, headers: Mapping[str, str], trace: DocumentTrace | None) -> ParsedFeed:
    """Read a feed; a page in its place says which feeds it leads to."""
    try:
        return parse_document(body, url=url, headers=headers, trace=trace)
    except NotAFeed as error:
        if error.candidates or b"<" not in body[:1024]:
            raise
        found = find_feeds(page_text(body, headers), url, headers)
        raise NotAFeed(str(error), [each.url for each in found], best=best_of(found)) from None


def _read_file(body: bytes, url: str, headers: Mapping[str, str], reading: Reading) -> ParsedFeed:
    """Read a local file by what is in it: a feed, else JSON, a sitemap or a page."""
    if not reading.items and not reading.fields:
        try:
            return parse_document(body, url=url, headers=headers)
        except NotAFeed:
            pass
    text = page_text(body, headers).lstrip("\ufeff \t\r\n")
    if text.startswith(("{", "[")):
        return read_json_source(text, url, reading)
    if repair.leading_markup(text).rpartition(":")[2] in {"urlset", "sitemapindex"}:
        return read_sitemap(text, url)
    return read_page(text, url, reading)


def _check_layout(parsed: ParsedFeed, reading: Reading) -> None:
    """Refuse a page that has less than half of its usual entries.

    Raises:
        LayoutChanged: so it is; what is stored stays as it is.
    """
    usual, found = reading.usual or 0, len(parsed.entries)
    if parsed.format in {"page", "json"} and usual >= _FEWEST_USUAL and found * 2 < usual:
        raise LayoutChanged(
            f"Only {found} of the usual {usual} entries were found: the page is built differently now. "
            "Articles are left as they are; look at the selectors."
        )
