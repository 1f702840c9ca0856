"""Feeds as published: their heads, their articles newest first, and which feeds hold an article.

Rows flow in, FeedHead and Item values out. Reading a feed is one indexed read, whatever the
number of stored articles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, false, func, select, update

from aggregator.model import Feed, FeedHead, FeedKind, Item, Placed
from aggregator.store.articles.recall import SLIM_COLUMNS, articles_of
from aggregator.store.dialect import before as older
from aggregator.store.dialect import chunks
from aggregator.store.feeds.configured import read_settings
from aggregator.store.feeds.placing import Standing, feed_ids, wanted_feeds, write_placements
from aggregator.store.problems import OWN
from aggregator.store.rows import among, rows_among, value_of
from aggregator.store.sources.cards import CARD_COLUMNS, card_of, load_cards, said_by
from aggregator.store.stories.coverage import MEMBERSHIP_COLUMNS, membership
from aggregator.store.tables import (
    applied,
    archives,
    articles,
    feeds,
    placements,
    ranks,
    source_slugs,
    sources,
    stories,
    story_members,
)
from aggregator.store.types import AnyRow

f, p = feeds.c, placements.c
#: kinds of feeds that somebody made, and of all that are published
CURATED: tuple[FeedKind, ...] = ("feed", "topic")
PUBLISHED: tuple[FeedKind, ...] = (*CURATED, "source")
#: where in a row what is said of the placement begins
_AFTER = len(SLIM_COLUMNS)
#: built once: putting a statement together takes as long as running it
_ITEMS = (
    select(*SLIM_COLUMNS, p.entered, p.why, *MEMBERSHIP_COLUMNS, ranks.c.position)
    .select_from(placements)
    .join(articles, articles.c.id == p.article_id)
    .outerjoin(story_members, story_members.c.article_id == p.article_id)
    .outerjoin(stories, stories.c.id == story_members.c.story_id)
    .outerjoin(ranks, (ranks.c.feed_id == p.feed_id) & (ranks.c.article_id == p.article_id))
    .where(p.feed_id == bindparam("of_feed"))
    .order_by(p.sort_date.desc(), p.article_id.desc())
    .limit(bindparam("most"))
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


def read_items(
    connection: Connection,
    head: FeedHead,
    *,
    limit: int,
    before: tuple[datetime, int] | None = None,
) -> tuple[Item, ...]:
    """Return at most *limit* articles of a feed, newest first by (sort date, article id).

    Args:
        before: (sort date, article id) of an item; only older ones are returned. None for
            the newest.
    """
    if before is None:
        return _items(connection, _ITEMS, head, limit)
    return items_where(connection, head, older((p.sort_date, p.article_id), before), limit=limit)


def read_placed(connection: Connection, head: FeedHead, ids: Collection[int]) -> tuple[Item, ...]:
    """Return those of these articles that are in a feed, newest first by (sort date, article id)."""
    found: list[Item] = []
    for some in chunks(sorted(ids)):
        found += items_where(connection, head, p.article_id.in_(some), limit=len(some))
    return tuple(sorted(found, key=lambda i: (i.article.sort_date, i.article.id), reverse=True))


def items_where(
    connection: Connection, head: FeedHead, condition: ColumnElement[bool], *, limit: int
) -> tuple[Item, ...]:
    """Return at most *limit* articles of a feed whose placements meet *condition*, newest first."""
    return _items(connection, _ITEMS.where(condition), head, limit)


def _items(connection: Connection, query: Select[Any], head: FeedHead, limit: int) -> tuple[Item, ...]:
    rows = connection.execute(query, {"of_feed": head.id, "most": limit}).all()
    # by place, not by name: a feed of fifty that caps its sources reads eight times as many
    cards = load_cards(connection, {row[1] for row in rows})
    found = articles_of(connection, rows)
    return tuple(
        Item(
            found[row[0]],
            cards[row[1]],
            row[_AFTER],
            row[_AFTER + 1],
            membership(*row[_AFTER + 2 : -1]),
            row[-1],
        )
        for row in rows
    )


def feeds_of(connection: Connection, article_id: int) -> tuple[tuple[str, str, str], ...]:
    """Return (kind, slug, why) of every feed that holds the article, sorted."""
    rows = connection.execute(_FEEDS_OF, {"article": article_id})
    return tuple(sorted((row.kind, row.slug, row.why) for row in rows))


def placements_of(connection: Connection, article_ids: Sequence[int]) -> dict[int, set[tuple[str, str]]]:
    """Return (kind, slug) of the feeds in force that hold each of these articles."""
    query = select(p.article_id, f.kind, f.slug).join(feeds, f.id == p.feed_id)
    query = query.where(among(p.article_id), f.is_configured)
    found: dict[int, set[tuple[str, str]]] = {}
    for row in rows_among(connection, query, article_ids):
        found.setdefault(row.article_id, set()).add((row.kind, row.slug))
    return found


def count_items(connection: Connection, kind: str, slug: str) -> int:
    """Return how many articles a feed holds."""
    query = select(func.count()).select_from(placements).join(feeds, f.id == p.feed_id)
    return connection.scalar(query.where(f.kind == kind, f.slug == slug)) or 0


def replace_placements(
    connection: Connection,
    placed: Sequence[Placed],
    only: Collection[tuple[str, str]],
    now: datetime,
) -> int:
    """Judge stored articles anew: put them where *placed* says, in the feeds *only* names.

    Topics are rewritten where they changed.

    Args:
        placed: stored articles, each with an article id, judged by the present rules.
        only: (kind, slug) of the feeds whose rule changed; others are left as they are.

    Returns: the number of feeds whose content changed.
    """
    ids = feed_ids(connection, only)
    standings = [
        Standing(
            article_id=one.admission.article_id,
            sort_date=one.admission.sort_date,
            digest=one.admission.entry.digest,
            at=now,
            # a changed rule makes no old article new
            since=one.admission.first_seen,
            feeds=wanted_feeds(one.targets, ids),
        )
        for one in placed
        if one.admission.article_id is not None
    ]
    _label(connection, placed)
    return len(write_placements(connection, standings, only=list(ids.values())))


def end_replacing(connection: Connection, only: Collection[tuple[str, str]]) -> None:
    """Note that all stored articles were judged by the present rule of these feeds, and lost old labels."""
    judged = f.id.in_(list(feed_ids(connection, only).values()))
    connection.execute(update(feeds).where(judged | ~f.is_configured).values(is_pending=False))


def _label(connection: Connection, placed: Sequence[Placed]) -> None:
    rows = [
        {"row_id": one.admission.article_id, "labels": " ".join(one.topics)}
        for one in placed
        if one.admission.article_id is not None
    ]
    if rows:
        a = articles.c
        connection.execute(
            update(articles)
            .where(a.id == bindparam("row_id"), a.topics != bindparam("labels"))
            .values(topics=bindparam("labels")),
            rows,
        )


_FEEDS_OF = (
    select(f.kind, f.slug, p.why)
    .join(placements, p.feed_id == f.id)
    .where(p.article_id == bindparam("article"), f.is_configured)
)
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


def is_removed(connection: Connection, kind: str, slug: str) -> bool:
    """Say whether a feed of that name was published once and is no more."""
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
