"""What a document says of the feed itself, of its next poll, and of the feed an entry was copied from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from aggregator.model import FeedInfo, Hints, Origin
from aggregator.parse.authors import people
from aggregator.parse.bounds import inheritable
from aggregator.parse.clean import one_line
from aggregator.parse.dates import parse_date
from aggregator.parse.links import absolute
from aggregator.parse.podcast import participants
from aggregator.parse.rawvalues import text_at
from aggregator.parse.texts import plain

#: of links to pages; empty: not stated
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
_SUBTITLES = ("subtitle", "dc_description", "itunes_summary", "itunes_subtitle")
_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: one part of a recurrence rule (RFC 5545 §3.3.10)
_PART = re.compile(r"(?<![A-Z])([A-Z]+)=([^;\s]+)")


def feed_info(feed: dict[str, Any], base: str, *, is_atom: bool) -> FeedInfo:
    """Return feedparser's feed values, normalised.

    Args:
        base: absolute URL of the document.
    """
    links = [link for link in feed.get("links", ()) if isinstance(link.get("href"), str)]
    hubs = (absolute(link["href"], base) for link in links if "hub" in link.get("rel", "").split())
    return FeedInfo(
        title=first_text(feed, ("title", "dc_title", "itunes_title"), is_atom=is_atom),
        subtitle=first_text(feed, _SUBTITLES, is_atom=is_atom),
        link=home_page(feed, base),
        id=(feed.get("id") or "").strip() or None,
        self_link=_self_link(links, base),
        language=language(feed.get("language")),
        authors=inheritable(people(feed.get("authors", ()), base)),
        people=inheritable(participants(feed.get("podcast_people", ()), base)),
        rights=first_text(feed, ("rights",), is_atom=is_atom)
        or plain(text_at(feed, "podcast_license"))
        or None,
        icon=_icon(feed, base),
        updated=parse_date(feed.get("updated")) or parse_date(feed.get("published")),
        hubs=tuple(dict.fromkeys(hub for hub in hubs if hub)),
        new_url=absolute(text_at(feed, "itunes_new-feed-url") or text_at(feed, "newlocation"), base),
        is_complete="fh_complete" in feed,
        is_ended=_has_ended(feed),
        hints=_hints(feed),
    )


def _hints(feed: dict[str, Any]) -> Hints:
    """Return what the document wishes for the next poll; numbers as they are, schedule bounds them.

    RSS ttl, skipHours and skipDays, the syndication module's period, frequency and base, and the update
    frequency of the podcast namespace.
    """
    ttl = _amount(text_at(feed, "ttl"))
    period, base = _syndication(feed)
    if period is None:
        period, base = _recurrence(feed.get("update_frequency") or {})
    hours = (_amount(text) for text in feed.get("skip_hours", ()))
    days = ((text or "").strip().lower()[:3] for text in feed.get("skip_days", ()))
    return Hints(
        ttl_s=ttl * 60 if ttl is not None else None,
        period_s=period,
        period_base_s=base,
        skip_hours=frozenset(int(hour) % 24 for hour in hours if hour is not None and 0 <= hour <= 24),
        skip_days=frozenset(_DAYS.index(day) for day in days if day in _DAYS),
    )


def _has_ended(feed: dict[str, Any]) -> bool:
    """Tell whether the publisher says that nothing more will come."""
    # Apple asks for "yes"; other words are believed as other booleans of that vocabulary are
    said = (
        text_at(feed, "itunes_complete"),
        (feed.get("update_frequency") or {}).get("complete"),
    )
    return any((word or "").strip().lower() in {"yes", "true"} for word in said)


def _syndication(feed: dict[str, Any]) -> tuple[float | None, float | None]:
    period = _PERIODS.get(text_at(feed, "sy_updateperiod").strip().lower())
    frequency = _amount(text_at(feed, "sy_updatefrequency")) or 1.0
    if period is None or frequency <= 0:
        return None, None
    return period / frequency, _moment(text_at(feed, "sy_updatebase"))


def _recurrence(said: dict[str, str]) -> tuple[float | None, float | None]:
    """Read podcast:updateFrequency; several weekdays are a part of a week each, from no fixed moment on."""
    rule = dict(_PART.findall((said.get("rrule") or "").upper()))
    period = _PERIODS.get(rule.get("FREQ", "").lower())
    if period is None:
        return None, None
    interval = _amount(rule.get("INTERVAL")) or 1.0
    weekdays = len(rule.get("BYDAY", "").split(","))
    base = _moment(said.get("dtstart") or "") if weekdays == 1 else None
    return period * max(interval, 1.0) / weekdays, base


def _moment(text: str) -> float | None:
    moment = parse_date(text)
    return None if moment is None else moment.timestamp()


def _amount(text: str | None) -> float | None:
    try:
        amount = float((text or "").strip())
    except ValueError:
        return None
    return amount if abs(amount) < 1e9 else None


def older_page(feed: dict[str, Any], base: str) -> str | None:
    """Return the page of the feed that holds older entries: of an archived feed, else of a paged one.

    RFC 5005 §4 ``prev-archive``, whose pages never change, §3 ``next``; in RSS as atom:link.
    """
    links = [link for link in feed.get("links", ()) if isinstance(link.get("href"), str)]
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
    source = dict(source)  # feedparser's own looks through other names for what is asked for
    links = [link for link in source.get("links", ()) if link.get("href")]
    made = Origin(
        title=first_text(source, ("title",), is_atom="title_detail" in source),
        id=(source.get("id") or "").strip() or None,
        feed_url=_self_link(links, base) or absolute(source.get("href"), base),
        link=home_page(source, base),
        updated=parse_date(source.get("updated")),
        authors=people(source.get("authors", ()), base),
        rights=plain(source.get("rights")) or None,
        icon=_icon(source, base),
    )
    return made if made != Origin() else None


def first_text(values: dict[str, Any], names: tuple[str, ...], *, is_atom: bool) -> str:
    """Return the first text under these names as plain text; empty where there is none."""
    for name in names:
        detail = values.get(name + "_detail") or {}
        if text := plain(text_at(values, name), detail.get("type"), is_atom=is_atom):
            return text
    return ""


def home_page(feed: dict[str, Any], base: str) -> str | None:
    """Return the feed's HTML page: its first alternate link, HTML first; an id only as a last resort."""
    pages = alternates(feed.get("links", ()), feed.get("language"))
    candidates = [*(link["href"] for link in pages), feed.get("link"), feed.get("guid_link")]
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
    image = feed.get("image")
    candidates = [
        feed.get("icon"),
        image.get("href") if isinstance(image, dict) else image,
        feed.get("logo"),
        feed.get("webfeeds_icon"),
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
