"""Articles read back whole, whatever their state: in the order of arrival, by address, and those that wait.

Rows flow in, frozen values out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from aggregator.model import Article, ArticleState
from aggregator.model.packing import unpack, unpack_text
from aggregator.store.articles.hashes import hash_of
from aggregator.store.rows import among, rows_among, value_of
from aggregator.store.tables import articles, bodies, page_texts, sources
from aggregator.store.types import AnyRow

#: articles of one link that are named
MOST_TWINS = 20
a = articles.c
_COLUMNS = (
    *(a.id, a.source_id, a.published_id, a.first_seen, a.changed_at, a.sort_date, a.state, a.reason),
    *(a.release_at, a.topics, a.is_picked, a.note, bodies.c.entry),
    select(page_texts.c.body).where(page_texts.c.article_id == a.id).scalar_subquery().label("page_text"),
)
#: rows that article_of() reads
ARTICLES = select(*_COLUMNS).join(bodies, bodies.c.article_id == a.id)


def list_articles(connection: Connection, *, after_id: int, limit: int) -> tuple[Article, ...]:
    """Return at most *limit* articles with ids above *after_id*, ascending; whatever their state."""
    query = ARTICLES.where(a.id > after_id).order_by(a.id).limit(limit)
    return tuple(article_of(row) for row in connection.execute(query))


def load_articles(connection: Connection, ids: Sequence[int]) -> tuple[Article, ...]:
    """Return those of these articles that there are, ascending; whatever their state."""
    query = ARTICLES.where(among(a.id)).order_by(a.id)
    return tuple(article_of(row) for row in rows_among(connection, query, ids))


def held_articles(connection: Connection, *, limit: int) -> tuple[Article, ...]:
    """Return articles that wait at the gate, those that go out soonest first, then those without a date."""
    query = ARTICLES.where(a.state == ArticleState.HELD.value)
    query = query.order_by(a.release_at.is_(None), a.release_at, a.id).limit(limit)
    return tuple(article_of(row) for row in connection.execute(query))


def count_held(connection: Connection) -> int:
    """Return how many articles wait at the gate."""
    waiting = select(func.count()).select_from(articles).where(a.state == ArticleState.HELD.value)
    return connection.scalar(waiting) or 0


def due_articles(connection: Connection, now: datetime, *, limit: int) -> tuple[Article, ...]:
    """Return held articles whose time has come, first come first."""
    query = ARTICLES.where(a.state == ArticleState.HELD.value, a.release_at <= now)
    rows = connection.execute(query.order_by(a.release_at, a.id).limit(limit))
    return tuple(article_of(row) for row in rows)


def find_by_address(connection: Connection, address: str) -> Article | None:
    """Return the newest article with this link or published id; None if there is none."""
    sought = hash_of(address)
    query = ARTICLES.where(or_(a.link_hash == sought, a.published_hash == sought))
    row = connection.execute(query.order_by(a.sort_date.desc(), a.id.desc()).limit(1)).first()
    return article_of(row) if row else None


def list_twins(connection: Connection, article: Article) -> tuple[tuple[int, str], ...]:
    """Return id and slug of the source of every other article with the link of *article*, oldest first."""
    if not article.entry.link:
        return ()
    query = select(a.id, sources.c.slug).join(sources, sources.c.id == a.source_id)
    query = query.where(a.link_hash == hash_of(article.entry.link), a.id != article.id).order_by(a.id)
    return tuple((row.id, row.slug) for row in connection.execute(query.limit(MOST_TWINS)))


def load_newest(connection: Connection, limit: int) -> tuple[tuple[int, datetime], ...]:
    """Return id and time of last change of at most *limit* published articles, newest first."""
    query = (
        select(a.id, a.changed_at)
        .where(a.state == ArticleState.OUT.value)
        .order_by(a.sort_date.desc(), a.id.desc())
        .limit(limit)
    )
    return tuple((row.id, row.changed_at) for row in connection.execute(query))


def article_of(row: AnyRow) -> Article:
    """Return the article of a row of ARTICLES."""
    return value_of(
        Article,
        row,
        entry=unpack(row.entry),
        state=ArticleState(row.state),
        topics=tuple(row.topics.split()),
        page_text=unpack_text(row.page_text) if row.page_text else "",
    )
