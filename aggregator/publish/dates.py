"""Instants in, the spellings that feeds and HTTP want out; never through the process's locale."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime


def rfc3339(moment: datetime) -> str:
    """Return *moment* as in ``2025-12-25T08:30:00Z`` (RFC 3339 §5.6), whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def json_time(time: datetime | None) -> str | None:
    """Return *time* as our JSON gives it: RFC 3339 in UTC, to the microsecond; None if unknown or never."""
    if time is None or time.year >= 9999:
        return None
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def rfc822(moment: datetime) -> str:
    """Return *moment* as in ``Thu, 25 Dec 2025 08:30:00 +0000`` (RFC 822 with a four-digit year)."""
    return format_datetime(moment.astimezone(UTC))


def http_date(moment: datetime) -> str:
    """Return *moment* as in ``Thu, 25 Dec 2025 08:30:00 GMT`` (RFC 9110 §5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
