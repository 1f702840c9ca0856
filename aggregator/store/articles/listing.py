"""Articles read back, one by one and in the order of arrival.

Rows flow in, frozen values out.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from aggregator.model import Article, ArticleState
from aggregator.packing import unpack, unpack_text
from aggregator.store.rows import among, rows_among, value_of
from aggregator.store.tables import articles, bodies, page_texts
from aggregator.store.types import AnyRow

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
