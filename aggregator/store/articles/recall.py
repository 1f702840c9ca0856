"""Articles read from slim rows; what they say is read from their bodies once and then remembered.

Rows flow in, Articles out. A body never changes without ``edits`` of its article counting on, so a row
that looks as it did when its article was remembered stands for the same article. Memory is bounded and
belongs to one database; what another process writes is seen, as the rows are read each time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Connection, Engine, bindparam, select, type_coerce

from aggregator.model import Article, ArticleState, Entry
from aggregator.model.packing import unpack, unpack_text
from aggregator.store.rows import among, rows_among
from aggregator.store.tables import articles, bodies, page_texts
from aggregator.store.types import AnyRow, moment_of

a = articles.c
#: everything of an article but its entry; moments as they are stored, as most rows are only compared
SLIM_COLUMNS = (
    *(a.id, a.source_id, a.published_id),
    *(type_coerce(column, BigInteger).label(column.name) for column in (a.first_seen, a.changed_at)),
    *(type_coerce(column, BigInteger).label(column.name) for column in (a.sort_date, a.release_at)),
    *(a.state, a.reason, a.topics, a.is_picked, a.note, a.edits, a.digest),
    #: when the text of its page was read last
    select(type_coerce(page_texts.c.fetched_at, BigInteger))
    .where(page_texts.c.article_id == a.id)
    .scalar_subquery()
    .label("text_at"),
)
_SLIM = len(SLIM_COLUMNS)
_BODIES = (
    select(bodies.c.article_id, bodies.c.entry, page_texts.c.body)
    .outerjoin(page_texts, page_texts.c.article_id == bodies.c.article_id)
    .where(among(bodies.c.article_id))
)
_ONE = select(*SLIM_COLUMNS).where(a.id == bindparam("wanted"))
#: characters of text that one process remembers of one database; longer articles are read each time
ROOM, LONGEST = 12_000_000, 60_000
#: what an article takes beside its text, in characters
OVERHEAD = 1_500


class _Memory:
    """The articles of one database, those remembered first forgotten first."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[tuple[Any, ...], Article, int]] = {}
        self._used = 0
        self._lock = threading.Lock()

    def keep(self, row: tuple[Any, ...], article: Article) -> None:
        """Remember *article*, which *row* stands for."""
        entry = article.entry
        size = OVERHEAD + len(entry.content) + len(entry.summary) + len(article.page_text)
        if size > LONGEST:
            return
        with self._lock:
            self._drop(article.id)
            self.known[article.id] = (row, article, size)
            self._used += size
            while self._used > ROOM:
                self._drop(next(iter(self.known)))

    def _drop(self, article_id: int) -> None:
        before = self.known.pop(article_id, None)
        self._used -= before[2] if before else 0


_memories: WeakKeyDictionary[Engine, _Memory] = WeakKeyDictionary()


def articles_of(connection: Connection, rows: Sequence[AnyRow]) -> dict[int, Article]:
    """Return the articles of rows that begin with the SLIM_COLUMNS, by id."""
    memory = _memories.setdefault(connection.engine, _Memory())
    found: dict[int, Article] = {}
    missing: dict[int, tuple[Any, ...]] = {}
    for row in rows:
        slim = row[:_SLIM]
        known = memory.known.get(slim[0])
        if known is not None and known[0] == slim:
            found[slim[0]] = known[1]
        else:
            missing[slim[0]] = slim
    for article_id, body, text in rows_among(connection, _BODIES, missing):
        slim = missing[article_id]
        found[article_id] = article = _article(slim, unpack(body), unpack_text(text) if text else "")
        memory.keep(slim, article)
    return found


def find_article(connection: Connection, article_id: int) -> Article | None:
    """Return the article with this id; None if there is none (any more)."""
    row = connection.execute(_ONE, {"wanted": article_id}).one_or_none()
    return articles_of(connection, [row])[article_id] if row else None


def forget_articles(engine: Engine) -> None:
    """Remember nothing of a database, as a new process does."""
    _memories.pop(engine, None)


def _article(slim: tuple[Any, ...], entry: Entry, page_text: str) -> Article:
    article_id, source_id, published_id, first_seen, changed_at, sort_date, release_at, *rest = slim
    state, reason, topics, is_picked, note, _edits, _digest, _text_at = rest
    return Article(
        id=article_id,
        source_id=source_id,
        entry=entry,
        published_id=published_id,
        first_seen=moment_of(first_seen),
        changed_at=moment_of(changed_at),
        sort_date=moment_of(sort_date),
        state=ArticleState(state),
        reason=reason,
        release_at=None if release_at is None else moment_of(release_at),
        topics=tuple(topics.split()),
        is_picked=is_picked,
        note=note,
        page_text=page_text,
    )
