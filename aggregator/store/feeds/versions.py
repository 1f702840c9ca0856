"""Content versions of feeds: hashes that change exactly when what a feed shows may change.

In: the version before and what was done to a feed. Out: the next version. No clock and no
random number has a part in it, so every process and every restart sees the same.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from aggregator.store.notices import announce
from aggregator.store.rows import among, rows_among, write_rows
from aggregator.store.tables import applied, articles, feeds, marks, placements

f = feeds.c
_HEADS = select(f.id, f.version, f.look).where(among(f.id)).order_by(f.id).with_for_update()
_TOUCH = (
    update(feeds)
    .where(f.id == bindparam("row_id"))
    .values({name: bindparam(name) for name in ("version", "look", "changed_at")})
)
_HOLDING = (
    select(f.id)
    .where(f.id.in_(select(placements.c.feed_id).where(among(placements.c.article_id))))
    .order_by(f.id)
    .with_for_update()
)
#: kind of the feeds that are ours and not configured
OWN = "own"
#: of a feed that never held anything
_FIRST_VERSION = hashlib.blake2b(digest_size=16).hexdigest()
#: feeds of sources that are looked at to see whether any has changed
LATEST = 20


@dataclass(frozen=True, slots=True)
class Publication:
    """All that is published, taken together."""

    #: of the oldest feed in force; None while there is none
    uid: str | None
    #: changes when anything published does, or the configuration
    stamp: str
    #: when something published last changed; None before the first article
    changed_at: datetime | None


def next_version(before: str, touched: Iterable[str]) -> str:
    """Return the version after *before*, when the things named in *touched* were done, in any order."""
    content = "\n".join((before, *sorted(touched)))
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def new_uid() -> str:
    """Return a feed id for ever."""
    return uuid.uuid4().urn


def new_feed(kind: str, slug: str, **more: Any) -> dict[str, Any]:
    """Return the row of a feed that is published from now on and holds nothing yet.

    Args:
        more: further columns, or other values.
    """
    row = {"kind": kind, "slug": slug, "uid": new_uid(), "version": _FIRST_VERSION, "last_entered": 0}
    return row | {"position": 0, "is_configured": True, "is_pending": False} | more


def touch_feeds(connection: Connection, why: Mapping[int, str], at: datetime) -> None:
    """Give feeds another version for something that shows in them without being an article.

    Args:
        why: by feed id, what it is that shows.
    """
    rows = [
        {
            "row_id": row.id,
            "version": next_version(row.version, [why[row.id]]),
            "look": next_version(row.look, [why[row.id]]),
            "changed_at": at,
        }
        for row in rows_among(connection, _HEADS, why)
    ]
    write_rows(connection, _TOUCH, rows)
    announce(connection)


def hold_feeds(connection: Connection, article_ids: Collection[int]) -> None:
    """Keep others from changing the feeds that hold these articles: what comes with them is locked later."""
    for _ in rows_among(connection, _HOLDING, article_ids):
        pass


def feeds_with(connection: Connection, source_ids: Collection[int]) -> set[int]:
    """Return the ids of all feeds that hold articles of these sources."""
    query = (
        select(placements.c.feed_id)
        .join(articles, articles.c.id == placements.c.article_id)
        .where(among(articles.c.source_id))
        .distinct()
    )
    return {row.feed_id for row in rows_among(connection, query, source_ids)}


_SEEN = (f.id, f.version, f.changed_at)
_MADE = select(*_SEEN).where(f.source_id.is_(None)).order_by(f.id)
#: there may be a hundred thousand feeds of sources: those that changed last tell of all
_LATEST = (
    select(*_SEEN)
    .where(f.source_id.is_not(None), f.changed_at.is_not(None))
    .order_by(f.changed_at.desc(), f.id.desc())
    .limit(LATEST)
)
_FIRST = select(f.uid).where(f.is_configured, f.kind != OWN).order_by(f.id).limit(1).scalar_subquery()
#: what is decided about an article that is in no feed changes no feed, but its page
_DECIDED = select(
    *(func.max(marks.c.id), func.count(marks.c.undone_at)),
    *(select(applied.c.digest).scalar_subquery(), _FIRST.label("uid")),
)


def load_publication(connection: Connection) -> Publication:
    """Return what stands for everything published; it takes a few rows, however many sources there are."""
    rows = [*connection.execute(_MADE), *connection.execute(_LATEST)]
    decided = connection.execute(_DECIDED).one()
    text = "\n".join([str(decided), *(f"{row.id} {row.version}" for row in rows)])
    return Publication(
        uid=decided.uid,
        stamp=hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
        changed_at=max((row.changed_at for row in rows if row.changed_at), default=None),
    )
