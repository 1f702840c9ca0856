"""Articles: what is known of the entries of a poll, and articles read back.

Rows flow in, frozen values out; save() is the one way that articles come in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from aggregator.model import Article, ArticleState, Entry, Known, KnownArticle
from aggregator.store.bodies import hash_of, identity_of, unpack
from aggregator.store.dialect import chunks
from aggregator.store.saving import Saved, save
from aggregator.store.tables import articles, bodies, sources, tombstones
from aggregator.store.types import AnyRow

__all__ = [
    "ARTICLE_COLUMNS",
    "Saved",
    "article_of",
    "find_article",
    "iter_for_rules",
    "known",
    "list_articles",
    "save",
]

a = articles.c
ARTICLE_COLUMNS = (
    *(a.id, a.source_id, a.published_id, a.first_seen, a.changed_at, a.sort_date, a.state, a.reason),
    *(a.topics, bodies.c.entry),
)
_KNOWN_COLUMNS = (
    *(a.id, a.identity, a.digest, a.published_id, a.first_seen, a.sort_date, a.state, a.reason),
)


def known(connection: Connection, wanted: Mapping[int, Sequence[Entry]]) -> dict[int, Known]:
    """Return by source id what the store knows of these entries; sources it lacks are left out.

    Args:
        wanted: the entries of one polled document by source id, with their keys.
    """
    heads = _heads(connection, list(wanted))
    asked = {source_id: entries for source_id, entries in wanted.items() if source_id in heads}
    keys = {
        identity_of(source_id, entry.key): (source_id, entry.key)
        for source_id, entries in asked.items()
        for entry in entries
    }
    found: dict[int, dict[str, KnownArticle]] = {source_id: {} for source_id in asked}
    for row in _rows_in(connection, select(*_KNOWN_COLUMNS), a.identity, keys):
        source_id, key = keys[bytes(row.identity)]
        found[source_id][key] = _known_of(row, key)
    buried: dict[int, set[str]] = {source_id: set() for source_id in asked}
    for row in _rows_in(connection, select(tombstones.c.identity), tombstones.c.identity, keys):
        source_id, key = keys[bytes(row.identity)]
        buried[source_id].add(key)
    taken = _taken(connection, asked)
    return {
        source_id: Known(
            source_id=source_id,
            is_first_import=heads[source_id].imported_at is None,
            articles=found[source_id],
            tombstones=frozenset(buried[source_id]),
            taken_ids=taken[source_id],
            first_url=heads[source_id].first_url,
        )
        for source_id in asked
    }


def find_article(connection: Connection, article_id: int) -> Article | None:
    """Return the article with this id; None if there is none (any more)."""
    row = connection.execute(_articles().where(a.id == article_id)).one_or_none()
    return article_of(row) if row else None


def list_articles(connection: Connection, *, after_id: int, limit: int) -> tuple[Article, ...]:
    """Return at most *limit* articles with ids above *after_id*, ascending; whatever their state."""
    query = _articles().where(a.id > after_id).order_by(a.id).limit(limit)
    return tuple(article_of(row) for row in connection.execute(query))


def iter_for_rules(connection: Connection, *, after_id: int, limit: int) -> tuple[Article, ...]:
    """Return the next batch of articles that rules judge, ids above *after_id*, ascending.

    Articles that are not out are judged too: they carry topics.
    """
    return list_articles(connection, after_id=after_id, limit=limit)


def article_of(row: AnyRow) -> Article:
    """Return the article of a row that has the ARTICLE_COLUMNS."""
    return Article(
        id=row.id,
        source_id=row.source_id,
        entry=unpack(row.entry),
        published_id=row.published_id,
        first_seen=row.first_seen,
        changed_at=row.changed_at,
        sort_date=row.sort_date,
        state=ArticleState(row.state),
        reason=row.reason,
        topics=tuple(row.topics.split()),
    )


def _articles() -> Select[Any]:
    return select(*ARTICLE_COLUMNS).join(bodies, bodies.c.article_id == a.id)


def _heads(connection: Connection, ids: Sequence[int]) -> dict[int, AnyRow]:
    c = sources.c
    query = select(c.id, c.imported_at, c.first_url).where(c.id.in_(bindparam("wanted", expanding=True)))
    return {row.id: row for some in chunks(ids) for row in connection.execute(query, {"wanted": some})}


def _rows_in(connection: Connection, query: Select[Any], column: Any, values: Any) -> list[AnyRow]:
    query = query.where(column.in_(bindparam("wanted", expanding=True)))
    return [row for some in chunks(sorted(values)) for row in connection.execute(query, {"wanted": some})]


def _known_of(row: AnyRow, key: str) -> KnownArticle:
    return KnownArticle(
        id=row.id,
        key=key,
        digest=row.digest,
        published_id=row.published_id,
        first_seen=row.first_seen,
        sort_date=row.sort_date,
        state=ArticleState(row.state),
        reason=row.reason,
    )


def _taken(connection: Connection, asked: Mapping[int, Sequence[Entry]]) -> dict[int, frozenset[str]]:
    """Return the entry ids of each source's poll that articles of other sources are published under."""
    ids = {hash_of(entry.id): entry.id for entries in asked.values() for entry in entries if entry.id}
    query = select(a.published_hash, a.published_id, a.source_id)
    owners = {row.published_id: row.source_id for row in _rows_in(connection, query, a.published_hash, ids)}
    return {
        source_id: frozenset(entry.id for entry in entries if owners.get(entry.id, source_id) != source_id)
        for source_id, entries in asked.items()
    }
