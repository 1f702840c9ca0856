"""What a document says of the feed itself, and its wishes about the next poll."""

from __future__ import annotations

from typing import Any

from aggregator.model import FeedInfo, Hints
from aggregator.parse.authors import people
from aggregator.parse.clean import one_line
from aggregator.parse.dates import parse_date
from aggregator.parse.links import absolute
from aggregator.parse.texts import plain

_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


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
        authors=people(dict.get(feed, "authors", ()), base),
        rights=_text(feed, "rights", is_atom) or None,
        icon=_icon(feed, base),
        updated=parse_date(dict.get(feed, "updated")) or parse_date(dict.get(feed, "published")),
        hubs=tuple(dict.fromkeys(hub for hub in hubs if hub)),
        new_url=absolute(_string(feed, "itunes_new-feed-url") or _string(feed, "newlocation"), base),
        is_complete="fh_complete" in feed,
        # Apple asks for "yes"; other words are believed as other booleans of that vocabulary are
        is_ended=_string(feed, "itunes_complete").strip().lower() in {"yes", "true"},
        hints=_hints(feed),
    )


def _first(feed: dict[str, Any], is_atom: bool, *keys: str) -> str:
    return next((text for key in keys if (text := _text(feed, key, is_atom))), "")


def _text(feed: dict[str, Any], key: str, is_atom: bool) -> str:
    detail = dict.get(feed, key + "_detail") or {}
    return plain(_string(feed, key), detail.get("type"), is_atom=is_atom)


def _string(feed: dict[str, Any], key: str) -> str:
    value = dict.get(feed, key)
    return value if isinstance(value, str) else ""


def home_page(feed: dict[str, Any], base: str) -> str | None:
    """Return the feed's HTML page: its first alternate link, HTML first; an id only as a last resort."""
    pages = [link for link in dict.get(feed, "links", ()) if link.get("rel") == "alternate"]
    pages.sort(key=lambda link: link.get("type", "") not in _HTML_TYPES)
    candidates = [*(dict.get(link, "href") for link in pages), dict.get(feed, "link")]
    return next((url for href in candidates if (url := absolute(href, base))), None)


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
    if not isinstance(tag, str):
        return None
    text = one_line(tag).replace("_", "-")
    parts = text.split("-")
    if not 2 <= len(parts[0]) <= 8 or not all(part.isascii() and part.isalnum() for part in parts):
        return None
    return text if len(text) <= 35 else None


def _hints(feed: dict[str, Any]) -> Hints:
    """Read ttl (minutes), sy:updatePeriod and sy:updateFrequency, skipHours and skipDays."""
    ttl = _amount(_string(feed, "ttl"))
    period = _PERIODS.get(_string(feed, "sy_updateperiod").strip().lower())
    frequency = _amount(_string(feed, "sy_updatefrequency")) or 1.0
    hours = (_amount(text) for text in dict.get(feed, "skip_hours", ()))
    days = ((text or "").strip().lower()[:3] for text in dict.get(feed, "skip_days", ()))
    return Hints(
        ttl_s=ttl * 60 if ttl is not None else None,
        period_s=period / frequency if period and frequency > 0 else None,
        skip_hours=frozenset(int(hour) % 24 for hour in hours if hour is not None and 0 <= hour <= 24),
        skip_days=frozenset(_DAYS.index(day) for day in days if day in _DAYS),
    )


def _amount(text: str | None) -> float | None:
    try:
        amount = float((text or "").strip())
    except ValueError:
        return None
    return amount if abs(amount) < 1e9 else None
