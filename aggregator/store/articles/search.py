"""Search: a query flows in, matching articles with their sources and reasons flow out, newest first.

The index of words narrows the articles down to those that may match; the query's own matcher,
the same that places arriving articles, is the judge. Nothing is ranked, nothing written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Sized
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select

from aggregator.model import Article, FeedHead, Item, Source, SourceCard
from aggregator.query.document import document_of, document_of_item
from aggregator.query.match import compile_query
from aggregator.query.nodes import Query
from aggregator.query.terms import Condition, Term, Without, required_terms
from aggregator.store.articles.recall import SLIM_COLUMNS, articles_of
from aggregator.store.articles.word_index import WordIndex
from aggregator.store.dialect import before, chunks
from aggregator.store.feeds.bylines import read_signed
from aggregator.store.feeds.placements import read_placed
from aggregator.store.rows import among
from aggregator.store.sources.cards import load_cards, load_settings
from aggregator.store.tables import articles, bylines, placements

#: articles judged at most; a query that finds nothing among the newest so many finds nothing
MAX_JUDGED = 20_000
#: articles walked past at most, newest first, when a query's words are common
MAX_WALKED = 500_000
#: up to so many hits of the index are put in order at once; words with more are common
FEW = 2_000
#: articles looked at in the first step of a walk and in the longest; each step doubles
STEP, LONGEST_STEP = 200, 3_200
JUDGED_AT_ONCE = 50
#: so many of the newest articles match a word's beginning that the index is not asked
DENSE = 0.05
#: what is shown: announced or quietly stored, never held, rejected or withdrawn
SHOWN = ("out", "silent")

a = articles.c
_shown = a.state.in_(SHOWN)
_LOADED = select(*SLIM_COLUMNS).where(among(a.id))


def search(
    connection: Connection, query: Query, *, limit: int, now: datetime
) -> tuple[tuple[Article, SourceCard, str], ...]:
    """Return at most *limit* articles that match, newest first, with source and reason.

    Raises: QueryError when the query names an unknown rule set.
    """
    matcher = compile_query(query)
    found: list[tuple[Article, SourceCard, str]] = []
    cards: dict[int, SourceCard] = {}
    sources: dict[int, Source] = {}
    judged = 0
    condition = required_terms(query)
    walk, in_order = partial(_walk, connection), partial(_in_order, connection)
    for ids in _candidates(connection, condition, walk, in_order, found):
        for some in chunks(ids, JUDGED_AT_ONCE):
            loaded = _load(connection, some)
            new = {article.source_id for article in loaded} - cards.keys()
            cards |= load_cards(connection, new)
            sources |= load_settings(connection, new)
            for article in loaded:
                card, source = cards[article.source_id], sources[article.source_id]
                document = document_of(
                    article.entry,
                    source,
                    article.topics,
                    slug=card.slug,
                    date=article.sort_date,
                    is_picked=article.is_picked,
                )
                if (why := matcher(document, now)) is not None:
                    found.append((article, card, why))
                    if len(found) == limit:
                        return tuple(found)
            judged += len(some)
            if judged >= MAX_JUDGED:
                return tuple(found)
    return tuple(found)


def search_feed(
    connection: Connection, head: FeedHead, query: Query, *, limit: int, now: datetime
) -> tuple[Item, ...]:
    """Return at most *limit* articles of a feed that match, newest first.

    All of the feed is looked through where the words of the query are rare, else its newest articles.

    Raises: QueryError when the query names an unknown rule set.
    """
    matcher = compile_query(query)
    found: list[Item] = []
    judged = 0
    condition = required_terms(query)
    walk, in_order = partial(_walk_feed, connection, head), partial(_in_order_of, connection, head)
    for ids in _candidates(connection, condition, walk, in_order, found):
        for some in chunks(ids, JUDGED_AT_ONCE):
            for item in _items_of(connection, head, some):
                if matcher(document_of_item(item), now) is not None:
                    found.append(item)
                    if len(found) == limit:
                        return tuple(found)
            judged += len(some)
            if judged >= MAX_JUDGED:
                return tuple(found)
    return tuple(found)


def _candidates(
    connection: Connection,
    condition: Condition | None,
    walk: Callable[[], Iterator[Sequence[int]]],
    in_order: Callable[[Sequence[int]], Sequence[int]],
    found: Sized,
) -> Iterator[Sequence[int]]:
    """Yield ids of articles that may match, newest first, in pieces.

    Args:
        walk: gives all articles looked through, newest first.
        in_order: puts ids in that order, without those not looked through.
        found: what of the ids yielded before did match.
    """
    if condition is None:
        yield from walk()
        return
    seen: set[int] = set()
    index = WordIndex(connection, condition)
    if _has_beginning(condition):
        # the index puts the articles of all words with a beginning together each time it is asked:
        # where many articles match, the newest tell enough
        for some in (some for ids in walk() for some in chunks(ids, JUDGED_AT_ONCE)):
            yield some
            seen.update(some)
            if len(found) < DENSE * len(seen):
                break
        else:
            return
        newest, among = index.every(FEW + 1)
    else:
        newest, among = index.newest(FEW + 1), index.among
    if len(newest) <= FEW:
        yield [article_id for article_id in in_order(newest) if article_id not in seen]
        return
    for ids in walk():
        held = among(ids) - seen
        yield [article_id for article_id in ids if article_id in held]


def _has_beginning(condition: Condition) -> bool:
    match condition:
        case Term(is_prefix=is_prefix):
            return is_prefix
        case Without(inner):
            return _has_beginning(inner)
    return any(map(_has_beginning, condition.parts))


def _rows_of(head: FeedHead) -> tuple[Any, ColumnElement[bool]]:
    """The table that says which articles a feed holds, and the condition for this feed."""
    if head.kind == "author":
        return bylines.c, bylines.c.slug == head.slug
    return placements.c, placements.c.feed_id == head.id


def _items_of(connection: Connection, head: FeedHead, ids: Sequence[int]) -> tuple[Item, ...]:
    if head.kind == "author":
        return read_signed(connection, head.slug, limit=len(ids), among=ids)
    return read_placed(connection, head, ids)


def _walk_feed(connection: Connection, head: FeedHead) -> Iterator[Sequence[int]]:
    """Yield ids of the articles of a feed, newest first, in pieces."""
    c, of_feed = _rows_of(head)
    last: tuple[datetime, int] | None = None
    walked, step = 0, STEP
    while walked < MAX_WALKED:
        query = select(c.article_id, c.sort_date).where(of_feed)
        query = query.order_by(c.sort_date.desc(), c.article_id.desc()).limit(step)
        if last is not None:
            query = query.where(before((c.sort_date, c.article_id), last))
        rows = connection.execute(query).all()
        yield [row.article_id for row in rows]
        if len(rows) < step:
            return
        last = (rows[-1].sort_date, rows[-1].article_id)
        walked, step = walked + step, min(2 * step, LONGEST_STEP)


def _in_order_of(connection: Connection, head: FeedHead, ids: Sequence[int]) -> list[int]:
    c, of_feed = _rows_of(head)
    query = select(c.article_id, c.sort_date)
    query = query.where(of_feed, c.article_id.in_(bindparam("wanted", expanding=True)))
    rows = [row for some in chunks(ids) for row in connection.execute(query, {"wanted": some})]
    ordered = sorted(rows, key=lambda row: (row.sort_date, row.article_id), reverse=True)
    return [row.article_id for row in ordered]


def _walk(connection: Connection) -> Iterator[Sequence[int]]:
    """Yield ids of all articles shown, newest first, in pieces."""
    last: tuple[datetime, int] | None = None
    walked, step = 0, STEP
    while walked < MAX_WALKED:
        query = select(a.id, a.sort_date).where(_shown).order_by(a.sort_date.desc(), a.id.desc()).limit(step)
        if last is not None:
            query = query.where(before((a.sort_date, a.id), last))
        rows = connection.execute(query).all()
        yield [row.id for row in rows]
        if len(rows) < step:
            return
        last = (rows[-1].sort_date, rows[-1].id)
        walked, step = walked + step, min(2 * step, LONGEST_STEP)


def _in_order(connection: Connection, ids: Sequence[int]) -> list[int]:
    query = select(a.id, a.sort_date).where(a.id.in_(bindparam("wanted", expanding=True)), _shown)
    rows = [row for some in chunks(ids) for row in connection.execute(query, {"wanted": some})]
    return [row.id for row in sorted(rows, key=lambda row: (row.sort_date, row.id), reverse=True)]


def _load(connection: Connection, ids: Sequence[int]) -> list[Article]:
    rows = connection.execute(_LOADED, {"wanted": ids}).all()
    by_id = articles_of(connection, rows)
    return [by_id[article_id] for article_id in ids if article_id in by_id]
