"""Conditional requests (RFC 9110 §13): what the reader has already, and whether that is still true."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_DATE = re.compile(
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    r"|[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"
)


def parse_tags(header: str) -> frozenset[str] | None:
    """Return the opaque tags of an If-None-Match, without quotes and weakness; None for ``*``.

    The comparison is weak (RFC 9110 §13.1.2), so weakness does not matter.
    """
    if header.strip() == "*":
        return None
    return frozenset(_TAG.findall(header))


def parse_http_date(header: str) -> datetime | None:
    """Return the instant of an HTTP date in any of its three spellings; None if it is something else."""
    text = header.strip()
    if not _DATE.fullmatch(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def is_unchanged_since(header: str | None, last_modified: datetime | None) -> bool:
    """Say whether If-Modified-Since still holds; a date that cannot be read is ignored."""
    if not header or last_modified is None:
        return False
    since = parse_http_date(header)
    return since is not None and last_modified.replace(microsecond=0) <= since
