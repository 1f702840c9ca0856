"""Heads of published feeds: a kind and a slug flow in, FeedHead values out.

What shows in every feed has a part in each version here, so that a changed site writes no row of a feed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial

from sqlalchemy import Connection, bindparam, false, func, select

from aggregator.model import Feed, FeedHead, FeedKind
from aggregator.store.feeds.configured import read_settings
from aggregator.store.feeds.versions import OWN
from aggregator.store.rows import value_of
from aggregator.store.sources.cards import CARD_COLUMNS, card_of, said_by
from aggregator.store.tables import applied, archives, feeds, source_slugs, sources
from aggregator.store.types import AnyRow

f = feeds.c
#: kinds of feeds that somebody made, and of all that are published
CURATED: tuple[FeedKind, ...] = ("feed", "topic")
PUBLISHED: tuple[FeedKind, ...] = (*CURATED, "source")
#: of feeds and topics; those of sources have the columns of their cards, too
_HEAD_COLUMNS = (
    *(f.id.label("feed_id"), f.kind, f.slug.label("feed_slug"), f.uid, f.is_configured),
    *(f.settings.label("feed_settings"), f.version, f.changed_at),
    *(f.look, f.recent_from, f.archived_to),
    select(applied.c.look).scalar_subquery().label("site_look"),
    select(func.max(archives.c.number))
    .where(archives.c.feed_id == f.id)
    .scalar_subquery()
    .label("newest_archive"),
)
_HEADS = (
    select(*_HEAD_COLUMNS, *CARD_COLUMNS)
    .outerjoin(sources, sources.c.id == f.source_id)
    .where(f.is_configured)
)
_of_kinds = f.kind.in_(bindparam("kinds", expanding=True))
_NAMED = _HEADS.where(_of_kinds, f.slug == bindparam("called")).order_by(f.kind)
_LISTED = _HEADS.where(_of_kinds).order_by(f.position, f.id)
_LISTED_MADE = (
    select(*_HEAD_COLUMNS).where(f.is_configured, f.source_id.is_(None), _of_kinds).order_by(f.position, f.id)
)
_ONCE_NAMED = _HEADS.where(
    f.source_id
    == select(source_slugs.c.source_id).where(source_slugs.c.slug == bindparam("called")).scalar_subquery()
)


def find_feed(connection: Connection, kind: str, slug: str) -> FeedHead | None:
    """Return a published feed of *kind* ("feed", "topic" or "source"); None if there is none.

    A source is found by its old slugs too; the head carries the present one.
    """
    # a configured feed of that name comes before one of our own
    kinds = (kind, OWN) if kind == "feed" else (kind,)
    row = connection.execute(_NAMED, {"kinds": kinds, "called": slug}).first()
    if row is None and kind == "source":
        row = connection.execute(_ONCE_NAMED, {"called": slug}).one_or_none()
    return _head_of(row) if row else None


def list_feeds(connection: Connection, kinds: Sequence[FeedKind] = CURATED) -> tuple[FeedHead, ...]:
    """Return the published feeds of these kinds, one kind after the other, each in file order.

    Args:
        kinds: of "feed", "topic" and "source"; there may be a hundred thousand of the last.
    """
    listed = _LISTED if "source" in kinds else _LISTED_MADE
    rows = connection.execute(listed, {"kinds": kinds}).all()
    return tuple(_head_of(row) for row in sorted(rows, key=lambda row: kinds.index(row.kind)))


def is_removed(connection: Connection, kind: str, slug: str) -> bool:
    """Tell whether a feed of that name was published once and is no more."""
    query = select(f.id).where(f.kind == kind, f.is_configured == false())
    once = select(source_slugs.c.source_id).where(source_slugs.c.slug == slug).scalar_subquery()
    named = f.slug == slug
    found = query.where(named | (f.source_id == once)) if kind == "source" else query.where(named)
    return connection.execute(found.limit(1)).first() is not None


@lru_cache(maxsize=4096)
def _head_of(row: AnyRow) -> FeedHead:
    """Return the head of a row, which is made again only where a value of it has changed."""
    # what shows in every feed has a part in each version, without being written to each
    version = hashlib.blake2b(f"{row.version} {row.site_look}".encode(), digest_size=16).hexdigest()
    stored = partial(
        value_of,
        FeedHead,
        row,
        id=row.feed_id,
        slug=row.feed_slug,
        version=version,
        look=f"{row.look} {row.site_look}",
    )
    if row.kind == "source":
        card, info = card_of(row), said_by(row.info)
        return stored(
            title=card.name,
            description=info.subtitle,
            language=card.language,
            link=card.link,
            rights=card.rights,
            noindex=card.noindex,
        )
    settings = read_settings(row.kind, row.feed_settings)
    head = stored(
        kind="feed" if row.kind == OWN else row.kind,
        title=settings.title,
        description=settings.description,
        query=settings.query,
        is_own=row.kind == OWN,
    )
    if not isinstance(settings, Feed):
        return head
    return replace(head, **{name: getattr(settings, name) for name in _OF_FEEDS})


#: what only a feed says of itself; a topic is as any feed
_OF_FEEDS = (
    *("limit", "order", "per_source", "timed", "duplicates", "max_age_s"),
    *("content", "rights", "noindex", "access"),
)
