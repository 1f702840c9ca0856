"""What a document wishes for the next poll: feedparser's feed values flow in, Hints flow out.

RSS ttl, skipHours and skipDays, the syndication module's period, frequency and base, and the update
frequency of the podcast namespace. Numbers are handed on as they are; schedule bounds them.
"""

from __future__ import annotations

import re
from typing import Any

from aggregator.model import Hints
from aggregator.parse.dates import parse_date
from aggregator.parse.rawvalues import text_at

_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: one part of a recurrence rule (RFC 5545 §3.3.10)
_PART = re.compile(r"(?<![A-Z])([A-Z]+)=([^;\s]+)")


def feed_hints(feed: dict[str, Any]) -> Hints:
    """Return the wishes of a document."""
    ttl = _amount(text_at(feed, "ttl"))
    period, base = _syndication(feed)
    if period is None:
        period, base = _recurrence(dict.get(feed, "update_frequency") or {})
    hours = (_amount(text) for text in dict.get(feed, "skip_hours", ()))
    days = ((text or "").strip().lower()[:3] for text in dict.get(feed, "skip_days", ()))
    return Hints(
        ttl_s=ttl * 60 if ttl is not None else None,
        period_s=period,
        period_base_s=base,
        skip_hours=frozenset(int(hour) % 24 for hour in hours if hour is not None and 0 <= hour <= 24),
        skip_days=frozenset(_DAYS.index(day) for day in days if day in _DAYS),
    )


def has_ended(feed: dict[str, Any]) -> bool:
    """Tell whether the publisher says that nothing more will come."""
    # Apple asks for "yes"; other words are believed as other booleans of that vocabulary are
    said = (
        text_at(feed, "itunes_complete"),
        (dict.get(feed, "update_frequency") or {}).get("complete"),
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
