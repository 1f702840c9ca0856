"""What an answer's header fields wish for the next poll, as Hints.

Durations are handed on as received, negative ones and years too: bounding them is the
scheduler's work. What cannot be read counts as not said. No clock is read here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from aggregator.model import Hints

_DIRECTIVE = re.compile(r'\s*([A-Za-z-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,"]*)))?[^,]*(?:,|$)')
_SECONDS = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
#: what a longer time counts as (RFC 9111 §1.2.2)
_MOST_S = 2.0**31


def header_hints(headers: Mapping[str, str], now: datetime) -> Hints:
    """Return the freshness lifetime and Retry-After of an answer.

    Args:
        headers: lower-case names.
        now: our clock, used where the answer has no Date of its own.
    """
    return Hints(fresh_s=fresh_seconds(headers, now), retry_after_s=retry_seconds(headers, now))


def fresh_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return for how long the answer may be reused (RFC 9111 §4.2), None if it does not say.

    max-age minus Age, else Expires minus Date; no-cache and no-store count as 0; s-maxage is for
    shared caches and ignored. An Expires that is no date means already expired.
    """
    directives = cache_directives(headers.get("cache-control", ""))
    if "no-cache" in directives or "no-store" in directives:
        return 0.0
    max_age = parse_seconds(directives.get("max-age", ""))
    if max_age is not None:
        return max_age - (parse_seconds(headers.get("age", "")) or 0.0)
    if "expires" not in headers:
        return None
    expires = parse_http_date(headers["expires"])
    if expires is None:
        return 0.0
    return (expires - (parse_http_date(headers.get("date", "")) or now)).total_seconds()


def retry_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return Retry-After in seconds from the answer, both forms (RFC 9110 §10.2.3); None if unreadable.

    A date is counted from the answer's own Date, so that the server's clock may be wrong.
    """
    text = headers.get("retry-after", "")
    if not text:
        return None
    seconds = parse_seconds(text)
    if seconds is not None:
        return seconds
    until = parse_http_date(text)
    if until is None:
        return None
    return (until - (parse_http_date(headers.get("date", "")) or now)).total_seconds()


def cache_directives(text: str) -> dict[str, str]:
    """Return Cache-Control directives by lower-case name; the first of a name counts."""
    directives: dict[str, str] = {}
    for match in _DIRECTIVE.finditer(text[:2000]):
        value = match.group(2) if match.group(2) is not None else match.group(3) or ""
        directives.setdefault(match.group(1).lower(), value)
    return directives


def parse_seconds(text: str) -> float | None:
    """Return a number of seconds, None if *text* is none; of a list the first item counts."""
    first = text.split(",", maxsplit=1)[0].strip()
    return max(-_MOST_S, min(float(first), _MOST_S)) if _SECONDS.fullmatch(first) else None


def parse_http_date(text: str) -> datetime | None:
    """Return an HTTP date (RFC 9110 §5.6.7) as UTC, None if it is no date."""
    try:
        date = parsedate_to_datetime(text.strip())
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
