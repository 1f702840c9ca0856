"""What a document says of the feed itself, of its next poll, and of the feed an entry was copied from."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from aggregator.model import FeedInfo, Origin
from aggregator.parse.authors import people
from aggregator.parse.bounds import inheritable
from aggregator.parse.clean import one_line
from aggregator.parse.dates import parse_date
from aggregator.parse.hints import feed_hints, has_ended
from aggregator.parse.links import absolute
from aggregator.parse.podcast import participants
from aggregator.parse.rawvalues import text_at
from aggregator.parse.texts import plain

#: of links to pages; empty: not stated
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})


def feed_info(feed: dict[str, Any], base: str, *, is_atom: bool) -> FeedInfo:
    """Return feedparser's feed values, normalised.

    Args:
        base: absolute URL of the document.
    """
    links = [link for link in dict.get(feed, "links", ()) if isinstance(link.get("href"), str)]
    hubs = (absolute(link["href"], base) for link in links if "hub" in link.get("rel", "").split())
    return FeedInfo(
        title=_first(feed, is_atom, "title", "dc_title", "itunes_title"),
        subtitle=_first(feed, is_atom, "subtitle", "dc_description", "itunes_summary", "itunes_subtitle"),
        link=home_page(feed, base),
        id=(dict.get(feed, "id") or "").strip() or None,
        self_link=_self_link(links, base),
        language=language(dict.get(feed, "language")),
        authors=inheritable(people(dict.get(feed, "authors", ()), base)),
        people=inheritable(participants(dict.get(feed, "podcast_people", ()), base)),
        rights=_text(feed, "rights", is_atom) or plain(text_at(feed, "podcast_license")) or None,
        icon=_icon(feed, base),
        updated=parse_date(dict.get(feed, "updated")) or parse_date(dict.get(feed, "published")),
        hubs=tuple(dict.fromkeys(hub for hub in hubs if hub)),
        new_url=absolute(text_at(feed, "itunes_new-feed-url") or text_at(feed, "newlocation"), base),
        is_complete="fh_complete" in feed,
        is_ended=has_ended(feed),
        hints=feed_hints(feed),
    )


def older_page(feed: dict[str, Any], base: str) -> str | None:
    """Return the page of the feed that holds older entries: of an archived feed, else of a paged one.

    RFC 5005 §4 ``prev-archive``, whose pages never change, §3 ``next``; in RSS as atom:link.
    """
    links = [link for link in dict.get(feed, "links", ()) if isinstance(link.get("href"), str)]
    found = (
        absolute(link["href"], base)
        for relation in ("prev-archive", "next")
        for link in links
        if relation in link.get("rel", "").split()
    )
    return next((url for url in found if url), None)


def origin(source: Any, base: str) -> Origin | None:
    """Return the feed an entry was copied from: atom:source (RFC 4287 §4.2.11) or RSS source.

    None if feedparser's ``source`` value says nothing.
    """
    if not isinstance(source, dict):
        return None
    links = [link for link in dict.get(source, "links", ()) if link.get("href")]
    made = Origin(
        title=_text(source, "title", "title_detail" in source),
        id=(dict.get(source, "id") or "").strip() or None,
        feed_url=_self_link(links, base) or absolute(dict.get(source, "href"), base),
        link=home_page(source, base),
        updated=parse_date(dict.get(source, "updated")),
        authors=people(dict.get(source, "authors", ()), base),
        rights=plain(dict.get(source, "rights")) or None,
        icon=_icon(source, base),
    )
    return made if made != Origin() else None


def _first(feed: dict[str, Any], is_atom: bool, *keys: str) -> str:
    return next((text for key in keys if (text := _text(feed, key, is_atom))), "")


def _text(feed: dict[str, Any], key: str, is_atom: bool) -> str:
    detail = dict.get(feed, key + "_detail") or {}
    return plain(text_at(feed, key), detail.get("type"), is_atom=is_atom)


def home_page(feed: dict[str, Any], base: str) -> str | None:
    """Return the feed's HTML page: its first alternate link, HTML first; an id only as a last resort."""
    pages = alternates(dict.get(feed, "links", ()), dict.get(feed, "language"))
    candidates = [*(link["href"] for link in pages), dict.get(feed, "link"), dict.get(feed, "guid_link")]
    return next((url for href in candidates if (url := absolute(href, base))), None)


def alternates(links: Iterable[dict[str, Any]], language: str | None = None) -> list[dict[str, Any]]:
    """Return the links to a page: HTML first, and of these what is in *language*, or in none."""
    pages = [link for link in links if link.get("rel") == "alternate" and link.get("href")]
    if len(pages) > 1:
        pages.sort(
            key=lambda link: (
                link.get("type", "") not in HTML_TYPES,
                link.get("hreflang", language) != language,
            )
        )
    return pages


def _self_link(links: list[dict[str, Any]], base: str) -> str | None:
    return next(
        (absolute(link["href"], base) for link in links if "self" in link.get("rel", "").split()), None
    )


def _icon(feed: dict[str, Any], base: str) -> str | None:
    image = dict.get(feed, "image")
    candidates = [
        dict.get(feed, "icon"),
        dict.get(image, "href") if isinstance(image, dict) else image,
        dict.get(feed, "logo"),
        dict.get(feed, "webfeeds_icon"),
    ]
    return next((url for href in candidates if isinstance(href, str) and (url := absolute(href, base))), None)


def language(tag: Any) -> str | None:
    """Return a BCP 47 tag as written but with hyphens; None for what cannot be one."""
    return _tag(tag) if tag and isinstance(tag, str) else None


@lru_cache(maxsize=256)
def _tag(written: str) -> str | None:
    text = one_line(written).replace("_", "-")
    parts = text.split("-")
    if not 2 <= len(parts[0]) <= 8 or not all(part.isascii() and part.isalnum() for part in parts):
        return None
    return text if len(text) <= 35 else None
