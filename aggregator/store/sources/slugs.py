"""Slugs: the short names of sources in our own addresses.

In: a configured source and the slugs that were ever given. Out: one that was not. A slug
is made once, from what is known at first sight, and stays whatever the source is called later.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from urllib.parse import urlsplit

from aggregator.model import Source

MAX_CHARS = 60


def slugify(text: str) -> str:
    """Return lower-case ASCII letters and digits joined by hyphens; empty if none are left."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_CHARS].strip("-")


def slug_of(source: Source) -> str:
    """Return the slug the source would like: of its id, its name, or its host."""
    return slugify(source.id or "") or slugify(source.name or "") or slugify(host_of(source.url)) or "source"


def host_of(url: str) -> str:
    """Return the host of a URL, lower case, without ``www.``; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def unused(wanted: str, given: Container[str]) -> str:
    """Return *wanted*, or *wanted*-2, -3, ... whichever was never given."""
    slug, number = wanted, 1
    while slug in given:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
