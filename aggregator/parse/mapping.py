"""feedparser's raw values become a ParsedFeed: which element fills which field.

A RawFeed and the document's URL flow in, a FeedInfo and entries without identity flow out.
Every rule of choice between elements stands here; how a text, a date, a link is read stands
in the file of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import unescape
from typing import Any

from aggregator.model import Category, Entry, FeedInfo, Link, Origin, Person
from aggregator.parse import texts
from aggregator.parse.authors import people
from aggregator.parse.dates import parse_date
from aggregator.parse.feedinfo import HTML_TYPES, alternates, feed_info, first_text, language, origin
from aggregator.parse.links import absolute, strip_tracking
from aggregator.parse.media import enclosures, image_credit, picture, point
from aggregator.parse.podcast import number, podcast
from aggregator.parse.rawvalues import text_at
from aggregator.parse.texts import plain
from aggregator.parse.xmlfeed import RawFeed

_KEPT_RELATIONS = frozenset({"via", "related", "replies", "license", "canonical", "shortlink", "amphtml"})
_ANCHOR = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
#: a document with more labels on one entry means something else by them
_MOST_LABELS = 100
_TITLES = ("title", "dc_title", "media_title", "itunes_title")
_ORIGINAL_LINKS = ("feedburner_origlink", "pheedo_origlink")


def map_feed(raw: RawFeed, url: str) -> tuple[FeedInfo, list[Entry]]:
    """Return the feed's own values and its entries in document order.

    Args:
        url: absolute URL of the document, the base of last resort (RFC 3986 §5.1.3).
    """
    is_atom = raw.version.startswith("atom")
    info = feed_info(raw.feed, url, is_atom=is_atom)
    mapper = _EntryMapper(info, url, is_atom=is_atom)
    return info, [mapper.entry(entry) for entry in raw.entries]


class _EntryMapper:
    """Maps the entries of one document; holds what they inherit from the feed."""

    def __init__(self, info: FeedInfo, url: str, *, is_atom: bool) -> None:
        self._info = info
        self._url = url
        self._is_atom = is_atom
        # RSS has no base of its own: relative addresses mean the site, not the feed's host
        self._base = url if is_atom else info.link or url

    def entry(self, raw: dict[str, Any]) -> Entry:
        get = raw.get
        base = absolute(get("_base"), self._base) or self._base
        page = self._link(raw, base)
        link = strip_tracking(page) if page else None
        body_base = base if get("_base") or self._is_atom else link or base
        summary, content = self._bodies(raw, body_base)
        files = enclosures(raw, base)
        source = origin(get("source"), base)
        return Entry(
            id=text_at(raw, "id").strip(),
            title=first_text(raw, _TITLES, is_atom=self._is_atom),
            link=link,
            links=_other_links(raw, base),
            authors=self._authors(raw, source, base),
            published=_published(raw),
            updated=parse_date(text_at(raw, "updated")),
            summary=summary,
            content=content,
            categories=_labels(get("tags") or ()),
            enclosures=files,
            image=picture(raw, base, files),
            image_credit=image_credit(raw),
            point=point(raw),
            language=language(get("language")) or language(get("_lang")) or self._info.language,
            rights=plain(text_at(raw, "rights") or text_at(raw, "podcast_license")) or None,
            comments=_comments(raw, base),
            comment_count=_comment_count(raw),
            podcast=podcast(raw, base, self._info.people),
            origin=source,
        )

    def _link(self, raw: dict[str, Any], base: str) -> str | None:
        """Return the entry's page: the original behind a proxy link, then alternates, HTML first."""
        for key in _ORIGINAL_LINKS:
            if key in raw and (original := absolute(text_at(raw, key), base)):
                return original
        for page in alternates(raw.get("links", ()), raw.get("_lang")):
            if url := absolute(_unwrapped(page["href"]), base):
                return url
        for text in raw.get("content", ()):
            if url := absolute(text.get("src"), base):  # RFC 4287 §4.1.3.2: the content stands there
                return url
        # a guid stands for the link where that leads nowhere
        return absolute(_unwrapped(raw.get("link")), base) or absolute(raw.get("guid_link"), base)

    def _bodies(self, raw: dict[str, Any], base: str) -> tuple[str, str]:
        """Return summary and content as two fields; other vocabularies' texts stand in for both."""
        best = texts.best_body(raw.get("content") or [])
        content = self._body(best, base) if best else ""
        summary = self._body(raw.get("summary_detail"), base, text_at(raw, "summary"))
        if not summary and not content:
            for key in ("dc_description", "media_description", "itunes_summary", "itunes_subtitle"):
                detail = raw.get(key + "_detail") or {}
                value = detail.get("value", "")
                if value and detail.get("type") == "text/plain" and "</" not in value:
                    summary = texts.lines(value)
                else:
                    summary = self._body(detail, base)
                if summary:
                    break
        return summary, content

    def _body(self, detail: dict[str, Any] | None, base: str, value: str = "") -> str:
        if not detail:
            return texts.body(value, "text/html", base)
        nested = absolute(detail.get("base"), self._base)
        return texts.body(
            detail.get("value") or "",
            detail.get("type"),
            nested or base,
            is_stated=bool(detail.get("stated", True)),
            is_atom=self._is_atom,
        )

    def _authors(self, raw: dict[str, Any], source: Origin | None, base: str) -> tuple[Person, ...]:
        """Return the entry's people, else its source's, else the feed's (RFC 4287 §4.2.1)."""
        own = people(raw.get("authors", ()), base)
        if own:
            return own
        if source is not None and source.authors:
            return source.authors
        return self._info.authors


def _published(raw: dict[str, Any]) -> datetime | None:
    """Return when an entry came out; a journal's issue may be dated later, so its date is the last resort."""
    names = ["published", "created"]
    if "updated" not in raw:
        names.append("prism_publicationdate")
    return next((moment for name in names if (moment := parse_date(text_at(raw, name)))), None)


def _unwrapped(href: str | None) -> str | None:
    """Return the address in a link that somebody wrote as HTML."""
    if not href or "<" not in href:
        return href
    found = _ANCHOR.search(href)
    return unescape(found[1]) if found else href


def _other_links(raw: dict[str, Any], base: str) -> tuple[Link, ...]:
    found: dict[tuple[str, str], Link] = {}
    for link in raw.get("links", ()):
        relation = link.get("rel", "")
        href = absolute(link.get("href"), base) if relation in _KEPT_RELATIONS else None
        if href:
            kind = link.get("type") or None
            found.setdefault((relation, href), Link(href, relation, kind, plain(link.get("title")) or None))
    for answered in raw.get("answers", ()):
        if page := absolute(answered.get("href") or answered.get("ref"), base):
            kind, ref = answered.get("type") or None, (answered.get("ref") or "").strip() or None
            found.setdefault(("in-reply-to", page), Link(page, "in-reply-to", kind, ref=ref))
    if feed := absolute(text_at(raw, "wfw_commentrss"), base):
        found.setdefault(("replies", feed), Link(feed, "replies", "application/rss+xml"))
    return tuple(found.values())


def _labels(raw: Iterable[Mapping[str, Any]]) -> tuple[Category, ...]:
    """Return the labels in document order, none twice; those without a term take their label."""
    found: dict[tuple[str, str | None], Category] = {}
    for tag in raw:
        label = plain(tag.get("label")) or None
        term = plain(tag.get("term")) or label or ""
        scheme = (tag.get("scheme") or "").strip() or None
        if term:
            found.setdefault((term, scheme), Category(term, scheme, label))
        if len(found) >= _MOST_LABELS:
            break
    return tuple(found.values())


def _comment_count(raw: dict[str, Any]) -> int | None:
    on_links = (link.get("thr:count") for link in raw.get("links", ()))
    told = raw.get("slash_comments") or raw.get("thr_total") or next(filter(None, on_links), None)
    return (number(told) or None) if told else None


def _comments(raw: dict[str, Any], base: str) -> str | None:
    if own := absolute(text_at(raw, "comments"), base):
        return own
    for link in raw.get("links", ()):
        is_page = link.get("rel") == "replies" and link.get("type", "") in HTML_TYPES
        if is_page and (page := absolute(link.get("href"), base)):
            return page
    return None
