"""What the story index decided becomes rows, and is read back into the memory of other workers.

Everything that writes stories holds the lock "stories" until its transaction ends, so revisions
ascend in the order in which they can be seen, and a worker that has read up to one of them
misses none. Locks of feeds come before it, never after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from aggregator.model import ArticleState, SourceCard
from aggregator.store.dialect import chunks, insert_for
from aggregator.store.locks import lock
from aggregator.store.rows import among, change_among, insert_or_replace, rows_among, value_of, write_rows
from aggregator.store.sources.cards import load_cards
from aggregator.store.tables import articles, stories, story_members, story_relations

m, s = story_members.c, stories.c
#: the tie of an article that a person put where it is
CORRECTED = "person"
_MEMBERS = story_members.insert()
#: articles that are out in stories that are published under no id
_NAMELESS = (
    select(m.story_id, articles.c.published_id, articles.c.sort_date, m.article_id)
    .join(stories, s.id == m.story_id)
    .join(articles, articles.c.id == m.article_id)
    .where(among(m.article_id), s.published_id.is_(None), articles.c.state == ArticleState.OUT.value)
)
_NAME = (
    update(stories)
    .where(s.id == bindparam("of_story"), s.published_id.is_(None))
    .values(published_id=bindparam("name"))
)
_TOLD = select(m.story_id).where(among(m.article_id))
_DROP = delete(stories).where(among(s.id), ~select(m.article_id).where(m.story_id == s.id).exists())
_UNTOLD = (
    select(*(articles.c[name] for name in ("id", "source_id", "published_id", "sort_date", "state")))
    .outerjoin(story_members, m.article_id == articles.c.id)
    .where(articles.c.id.in_(bindparam("wanted", expanding=True)), m.article_id.is_(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A stored article that belongs to no story yet."""

    article_id: int
    source: SourceCard
    published_id: str
    sort_date: datetime
    is_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article in its story, with what it is known by."""

    article_id: int
    story_id: int
    text_id: int
    link_id: int
    tie: str
    #: from 0 to 1
    score: float
    outlet: str
    link: str | None
    #: as dump_sketch wrote it
    sketch: str
    at: datetime
    #: 0 before it is stored
    revision: int = 0
    #: (story id, score) of stories about something close; not read back
    related: tuple[tuple[int, float], ...] = ()


def hold_stories(connection: Connection) -> None:
    """Wait until nobody else writes stories, and keep others out until this transaction ends."""
    lock(connection, "stories")


def load_members(connection: Connection, *, after: int, since: datetime) -> Iterator[Member]:
    """Yield members with a revision above *after* and a sort date from *since*, in the order of telling."""
    query = select(story_members).where(m.revision > after, m.at >= since)
    if not after:  # found by their dates, however large the archive is
        query = query.join(articles, articles.c.id == m.article_id).where(articles.c.sort_date >= since)
    query = query.order_by(m.revision, m.at, m.article_id)
    for row in connection.execute(query, execution_options={"yield_per": 500}):
        yield value_of(Member, row, score=row.score / 1000)


def has_members(connection: Connection, since: datetime, before: datetime) -> bool:
    """Tell whether an article dated from *since* and before *before* is in a story."""
    dated = (articles.c.sort_date >= since) & (articles.c.sort_date < before)
    told = select(m.article_id).join(articles, articles.c.id == m.article_id).where(dated).limit(1)
    return connection.scalar(told) is not None


def newest_date(connection: Connection) -> datetime | None:
    """Return the sort date of the newest article in a story, or of the newest of all; None without."""
    told = select(articles.c.sort_date).join(story_members, m.article_id == articles.c.id)
    newest: datetime | None = connection.scalar(told.order_by(articles.c.sort_date.desc()).limit(1))
    return newest or connection.scalar(select(func.max(articles.c.sort_date)))


def date_of_newest(connection: Connection, count: int) -> datetime | None:
    """Return the sort date of the *count*-th newest article; None where there are fewer."""
    newest = select(articles.c.sort_date).order_by(articles.c.sort_date.desc()).offset(count - 1).limit(1)
    date: datetime | None = connection.scalar(newest)
    return date


def last_revision(connection: Connection) -> int:
    """Return the revision of the newest decision; 0 before the first."""
    return connection.scalar(select(func.max(m.revision))) or 0


def untold(connection: Connection, ids: Collection[int]) -> tuple[Untold, ...]:
    """Return those of these articles that belong to no story yet, by sort date."""
    rows = [row for some in chunks(sorted(ids)) for row in connection.execute(_UNTOLD, {"wanted": some})]
    cards = load_cards(connection, {row.source_id for row in rows})
    rows.sort(key=lambda row: (row.sort_date, row.id))
    return tuple(
        Untold(
            article_id=row.id,
            source=cards[row.source_id],
            published_id=row.published_id,
            sort_date=row.sort_date,
            is_out=row.state == ArticleState.OUT.value,
        )
        for row in rows
    )


def save_members(
    connection: Connection, members: Sequence[Member], placed: Mapping[int, tuple[str, datetime]]
) -> int:
    """Store decisions and return their revision; the caller holds the stories.

    Args:
        placed: article id -> (published id, sort date) of the articles that are out.
    """
    revision = last_revision(connection) + 1
    _open(connection, members, placed)
    write_rows(connection, _MEMBERS, [_row(member, revision) for member in members])
    _relate(connection, members)
    return revision


def stories_of(connection: Connection, article_ids: Collection[int]) -> set[int]:
    """Return the ids of the stories that these articles tell."""
    return {row.story_id for row in rows_among(connection, _TOLD, article_ids)}


def drop_untold(connection: Connection, story_ids: Collection[int]) -> None:
    """Remove those of these stories that no article tells any more."""
    if story_ids:
        hold_stories(connection)
        change_among(connection, _DROP, story_ids)


def name_stories(connection: Connection, article_ids: Collection[int]) -> None:
    """Let those of these articles that are out now name their stories, the oldest first, where none did."""
    found = rows_among(connection, _NAMELESS, article_ids)
    naming = sorted(found, key=lambda row: (row.sort_date, row.article_id))
    if naming:
        hold_stories(connection)
        rows = [{"of_story": row.story_id, "name": row.published_id} for row in naming]
        write_rows(connection, _NAME, rows)


def _row(member: Member, revision: int) -> dict[str, object]:
    row = {column.name: getattr(member, column.name) for column in m}
    return row | {"score": round(1000 * member.score), "revision": revision}


def _open(
    connection: Connection, members: Sequence[Member], placed: Mapping[int, tuple[str, datetime]]
) -> None:
    """Store stories with the published id of their first placed member; one that has an id keeps it."""
    opened: dict[int, datetime] = {}
    first: dict[int, tuple[datetime, int]] = {}
    for member in members:
        story_id = member.story_id
        opened[story_id] = min(member.at, opened.get(story_id, member.at))
        if member.article_id in placed:
            key = (placed[member.article_id][1], member.article_id)
            first[story_id] = min(key, first.get(story_id, key))
    named = {story_id: (placed[article_id][0], at) for story_id, (at, article_id) in first.items()}
    rows = []
    for story_id, at in opened.items():
        published_id, opened_at = named.get(story_id, (None, at))
        rows.append({"id": story_id, "published_id": published_id, "opened_at": opened_at})
    write_rows(connection, _open_or_name(connection.dialect.name), rows)


@cache
def _open_or_name(dialect: str) -> Any:
    statement = insert_for(dialect, stories)
    given = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={"published_id": given.published_id, "opened_at": given.opened_at},
        where=s.published_id.is_(None) & given.published_id.is_not(None),
    )


def _relate(connection: Connection, members: Sequence[Member]) -> None:
    pairs = {
        pair: round(1000 * score)
        for member in members
        for other, score in member.related
        if other != member.story_id
        for pair in ((member.story_id, other), (other, member.story_id))
    }
    if not pairs:
        return
    known = {member.story_id for member in members}
    others = {story_id for pair in pairs for story_id in pair} - known
    known.update(connection.scalars(select(s.id).where(s.id.in_(others))) if others else ())
    rows = [
        {"story_id": one, "other_id": other, "score": score}
        for (one, other), score in sorted(pairs.items())
        if one in known and other in known
    ]
    write_rows(connection, insert_or_replace(connection, story_relations, "score"), rows)
