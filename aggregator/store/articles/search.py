"""Search: a query flows in, matching articles with their sources and reasons flow out, newest first.

The index of words narrows the articles down to those that may match; the query's own matcher,
the same that places arriving articles, is the judge. Nothing is ranked, nothing written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Sized
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from aggregator.model import Article, FeedHead, Item, Source, SourceCard
from aggregator.query.document import document_of, document_of_item
from aggregator.query.match import compile_query
from aggregator.query.nodes import Node, Prefix, walk
from aggregator.query.terms import required_terms
from aggregator.store.articles.recall import SLIM_COLUMNS, articles_of
from aggregator.store.articles.word_index import WordIndex
from aggregator.store.dialect import before, chunks
from aggregator.store.feeds.bylines import read_signed
from aggregator.store.feeds.items import read_placed
from aggregator.store.rows import among, rows_among
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
_LOADED = select(*SLIM_COLUMNS).where(among(a.id))


@dataclass(frozen=True, slots=True)
class _Place:
    """What is looked through: rows of a table that have an article's id and its sort date."""

    article_id: ColumnElement[int]
    sort_date: ColumnElement[datetime]
    condition: ColumnElement[bool]


def search(
    connection: Connection,
    query: Node,
    *,
    limit: int,
    now: datetime,
    older_than: int | None = None,
    states: Collection[str] = SHOWN,
) -> tuple[tuple[Article, SourceCard, str], ...]:
    """Return at most *limit* articles that match, newest first, with source and reason.

    Args:
        older_than: the id of the article behind which to go on; None, or one that is not there: begin with
            the newest.
        states: of articles that are looked for.

    Raises: QueryError when the query names an unknown rule set.
    """
    matcher = compile_query(query)
    found: list[tuple[Article, SourceCard, str]] = []
    cards: dict[int, SourceCard] = {}
    sources: dict[int, Source] = {}
    for ids in _candidates(connection, _behind(connection, older_than, a.state.in_(states)), query, found):
        loaded = _load(connection, ids)
        new = {article.source_id for article in loaded} - cards.keys()
        cards |= load_cards(connection, new)
        sources |= load_settings(connection, new)
        for article in loaded:
            card, source = cards[article.source_id], sources[article.source_id]
            document = document_of(article, source, card.slug, article.topics)
            if (why := matcher(document, now)) is not None:
                found.append((article, card, why))
                if len(found) == limit:
                    return tuple(found)
    return tuple(found)


def search_feed(
    connection: Connection, head: FeedHead, query: Node, *, limit: int, now: datetime
) -> tuple[Item, ...]:
    """Return at most *limit* articles of a feed that match, newest first.

    All of the feed is looked through where the words of the query are rare, else its newest articles.

    Raises: QueryError when the query names an unknown rule set.
    """
    matcher = compile_query(query)
    found: list[Item] = []
    for ids in _candidates(connection, _place_of(head), query, found):
        for item in _items_of(connection, head, ids):
            if matcher(document_of_item(item), now) is not None:
                found.append(item)
                if len(found) == limit:
                    return tuple(found)
    return tuple(found)


def _behind(connection: Connection, article_id: int | None, condition: ColumnElement[bool]) -> _Place:
    """Return all articles that sort behind one and meet the condition; all that do where it is not there."""
    at = connection.scalar(select(a.sort_date).where(a.id == article_id)) if article_id else None
    if at is None:
        return _Place(a.id, a.sort_date, condition)
    return _Place(a.id, a.sort_date, and_(condition, before((a.sort_date, a.id), (at, article_id))))


def _candidates(connection: Connection, place: _Place, query: Node, found: Sized) -> Iterator[Sequence[int]]:
    """Yield ids of articles to judge, newest first, at most JUDGED_AT_ONCE together and MAX_JUDGED in all.

    Args:
        found: what of the ids yielded before did match.
    """
    judged = 0
    for ids in _matching(connection, place, required_terms(query), found):
        for some in chunks(ids, JUDGED_AT_ONCE):
            yield some
            judged += len(some)
            if judged >= MAX_JUDGED:
                return


def _matching(
    connection: Connection, place: _Place, condition: Node | None, found: Sized
) -> Iterator[Sequence[int]]:
    """Yield ids of articles that may match, newest first, in pieces."""
    if condition is None:
        yield from _walk(connection, place)
        return
    seen: set[int] = set()
    index = WordIndex(connection, condition)
    if any(isinstance(each, Prefix) for each in walk(condition)):
        # the index puts the articles of all words with a beginning together each time it is asked:
        # where many articles match, the newest tell enough
        for some in (some for ids in _walk(connection, place) for some in chunks(ids, JUDGED_AT_ONCE)):
            yield some
            seen.update(some)
            if len(found) < DENSE * len(seen):
                break
        else:
            return
        newest, holding = index.every(FEW + 1)
    else:
        newest, holding = index.newest(FEW + 1), index.among
    if len(newest) <= FEW:
        yield [article_id for article_id in _in_order(connection, place, newest) if article_id not in seen]
        return
    for ids in _walk(connection, place):
        held = holding(ids) - seen
        yield [article_id for article_id in ids if article_id in held]


def _place_of(head: FeedHead) -> _Place:
    if head.kind == "author":
        b = bylines.c
        return _Place(b.article_id, b.sort_date, b.slug == head.slug)
    p = placements.c
    return _Place(p.article_id, p.sort_date, p.feed_id == head.id)


def _items_of(connection: Connection, head: FeedHead, ids: Sequence[int]) -> tuple[Item, ...]:
    if head.kind == "author":
        return read_signed(connection, head.slug, limit=len(ids), among=ids)
    return read_placed(connection, head, ids)


def _walk(connection: Connection, place: _Place) -> Iterator[Sequence[int]]:
    """Yield the ids of all articles looked through, newest first, in pieces."""
    order = place.sort_date, place.article_id
    newest = select(place.article_id, place.sort_date).where(place.condition)
    newest = newest.order_by(*(column.desc() for column in order))
    last: tuple[datetime, int] | None = None
    walked, step = 0, STEP
    while walked < MAX_WALKED:
        query = newest if last is None else newest.where(before(order, last))
        rows = connection.execute(query.limit(step)).all()
        yield [article_id for article_id, _ in rows]
        if len(rows) < step:
            return
        last = (rows[-1][1], rows[-1][0])
        walked, step = walked + step, min(2 * step, LONGEST_STEP)


def _in_order(connection: Connection, place: _Place, ids: Sequence[int]) -> list[int]:
    """Return *ids* newest first, without those not looked through."""
    query = select(place.sort_date, place.article_id).where(among(place.article_id), place.condition)
    dated = sorted(map(tuple, rows_among(connection, query, ids)), reverse=True)
    return [article_id for _, article_id in dated]


def _load(connection: Connection, ids: Sequence[int]) -> list[Article]:
    by_id = articles_of(connection, list(rows_among(connection, _LOADED, ids)))
    return [by_id[article_id] for article_id in ids if article_id in by_id]
