"""``?q=`` and ``?limit=`` in, the head of a narrower feed out.

A narrowed feed is a feed of its own, with an id made of the whole feed's id and the question. What
it holds follows from stored content alone: ``age:`` is judged at the feed's last change.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.errors import QueryError
from aggregator.model import FeedHead
from aggregator.publish.characters import clean_line
from aggregator.query.parse import parse_query

#: entries of a narrowed feed at most
LARGEST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a request wants of a feed."""

    #: a query that can be read; empty if only the number is limited
    query: str
    #: None: as many as the feed shows
    limit: int | None


def read_narrowing(args: Mapping[str, str]) -> Narrowing | None:
    """Return what a request's parameters ask for, None if nothing; others are ignored.

    Raises:
        QueryError: ``q`` is no query, or ``limit`` no number that can be served.
    """
    query, limit = clean_line(args.get("q")), clean_line(args.get("limit"))
    if not query and not limit:
        return None
    parse_query(query)
    is_number = limit.isascii() and limit.isdigit() and len(limit) < 9
    if limit and not (is_number and 1 <= int(limit) <= LARGEST_LIMIT):
        raise QueryError(f"limit must be a number from 1 to {LARGEST_LIMIT}.")
    return Narrowing(query, int(limit) if limit else None)


def narrow_head(head: FeedHead, narrowing: Narrowing) -> FeedHead:
    """Return the head of the narrower feed: its own id, title, address and number of entries."""
    asked = [("q", narrowing.query)] if narrowing.query else []
    if narrowing.limit:
        asked.append(("limit", str(narrowing.limit)))
    return replace(
        head,
        uid=_uid(head.uid, asked),
        title=f"{head.title}: {narrowing.query}" if narrowing.query else head.title,
        limit=narrowing.limit or head.limit,
        narrowing=tuple(asked),
    )


def _uid(whole: str, asked: Sequence[tuple[str, str]]) -> str:
    return uuid.uuid5(uuid.UUID(whole.removeprefix("urn:uuid:")), repr(asked)).urn
