"""Filters of planets become conditions in our query language.

Planet, Venus and Pluto filter by regular expressions that are mostly lists of words:
``python|"web dev"`` becomes words, anything else stays a ``/pattern/``. A pattern that cannot
be run in linear time is refused by the query language, and the caller says so.
"""

from __future__ import annotations

import re

from aggregator.errors import QueryError
from aggregator.query.parse import parse_query

_PLAIN = re.compile(r"[\w .'+-]+", re.UNICODE)


def condition_of(pattern: str) -> str | None:
    """Return a query that matches what *pattern* finds; None if it cannot be said in a query.

    Args:
        pattern: a regular expression; letters match in either case.
    """
    pattern = pattern.strip().removeprefix("(?i)")
    bare = re.sub(r"\\b|\(\?:|[()]", "", pattern)
    alternatives = [part.strip() for part in bare.split("|")]
    if all(part and _PLAIN.fullmatch(part) and re.search(r"\w", part) for part in alternatives):
        words = [part if part.isalnum() else f'"{part}"' for part in alternatives]
        query = words[0] if len(words) == 1 else f"({' OR '.join(words)})"
    else:
        escaped = re.sub(r"(?<!\\)/", r"\/", pattern)
        query = f"/(?i){escaped}/"
    return query if is_query(query) else None


def is_query(text: str) -> bool:
    """Tell whether *text* can be read as a query."""
    try:
        parse_query(text)
    except QueryError:
        return False
    return True
