"""Stories as rows: decisions of the story index flow in, memberships and coverage flow out.

Everything that writes them holds the lock "stories" until its transaction ends, so revisions
ascend in the order in which they can be seen, and a worker that has read up to one of them
misses none. Locks of feeds come before it, never after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, bindparam, func, select, update

from aggregator.model import Article, ArticleState, Membership, SourceCard
from aggregator.store.articles.recall import SLIM_COLUMNS, articles_of
from aggregator.store.dialect import chunks, hold, insert
from aggregator.store.sources.cards import load_cards
from aggregator.store.tables import articles, stories, story_members, story_relations
from aggregator.store.types import AnyRow

m, s = story_members.c, stories.c
#: the tie of an article that a person put where it is
CORRECTED = "person"
MEMBERSHIP_COLUMNS = (
    *(m.story_id, m.text_id, m.link_id, m.tie, m.score),
    s.published_id.label("story_published_id"),
)
_is_out = articles.c.state == ArticleState.OUT.value
#: statements are put together once: that takes as long as running them
_REPORTS = (
    select(*SLIM_COLUMNS, *MEMBERSHIP_COLUMNS)
    .join(story_members, m.article_id == articles.c.id)
    .join(stories, s.id == m.story_id)
    .where(m.story_id == bindparam("story"), _is_out)
    .order_by(articles.c.sort_date, articles.c.id)
)
_own = select(m.story_id).where(m.article_id == bindparam("article")).scalar_subquery()
#: the article's story, and how many tell it
_TOLD = (
    select(m.story_id, func.count())
    .join(articles, articles.c.id == m.article_id)
    .where(m.story_id == _own, _is_out)
    .group_by(m.story_id)
)
#: the other articles of an article's story, first told first
_SAME = (
    select(*SLIM_COLUMNS)
    .join(story_members, m.article_id == articles.c.id)
    .where(m.story_id == _own, _is_out, articles.c.id != bindparam("article"))
    .order_by(articles.c.sort_date, articles.c.id)
    .limit(bindparam("most"))
)
_told, _teller = articles.alias(), story_members.alias()
_first_told = (
    select(_told.c.id)
    .join(_teller, _teller.c.article_id == _told.c.id)
    .where(_teller.c.story_id == story_relations.c.other_id, _told.c.state == ArticleState.OUT.value)
    .order_by(_told.c.sort_date, _told.c.id)
    .limit(1)
    .correlate(story_relations)
    .scalar_subquery()
)
#: the first article of each related story, closest first
_CLOSE = (
    select(*SLIM_COLUMNS)
    .select_from(story_relations)
    .join(articles, articles.c.id == _first_told)
    .where(story_relations.c.story_id == _own)
    .order_by(story_relations.c.score.desc(), story_relations.c.other_id)
    .limit(bindparam("most"))
)


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


@dataclass(frozen=True, slots=True)
class Coverage:
    """What else is told about an article's subject."""

    #: None where the article is in none
    story_id: int | None = None
    #: articles of the story that are out, the article among them
    reports: int = 0
    #: other reports of the story, then one of each related story, closest first
    others: tuple[tuple[Article, SourceCard], ...] = ()


def hold_stories(connection: Connection) -> None:
    """Wait until nobody else writes stories, and keep others out until this transaction ends."""
    hold(connection, "stories")


def load_members(connection: Connection, *, after: int, since: datetime) -> Iterator[Member]:
    """Yield members with a revision above *after* and a sort date from *since*, in the order of telling."""
    columns = [column for column in story_members.c if column.name != "score"]
    query = select(*columns, (m.score / 1000.0).label("sureness")).where(m.revision > after, m.at >= since)
    if not after:  # found by their dates, however large the archive is
        query = query.join(articles, articles.c.id == m.article_id).where(articles.c.sort_date >= since)
    query = query.order_by(m.revision, m.at, m.article_id)
    for row in connection.execute(query, execution_options={"yield_per": 500}):
        yield Member(
            article_id=row.article_id,
            story_id=row.story_id,
            text_id=row.text_id,
            link_id=row.link_id,
            tie=row.tie,
            score=float(row.sureness),
            outlet=row.outlet,
            link=row.link,
            sketch=row.sketch,
            at=row.at,
            revision=row.revision,
        )


def newest_date(connection: Connection) -> datetime | None:
    """Return the sort date of the newest article; None without articles."""
    newest: datetime | None = connection.scalar(select(func.max(articles.c.sort_date)))
    return newest


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
    opened: dict[int, datetime] = {}
    for member in members:
        opened[member.story_id] = min(member.at, opened.get(member.story_id, member.at))
    rows = [{"id": story_id, "opened_at": at} for story_id, at in opened.items()]
    if rows:
        connection.execute(insert(connection, stories).on_conflict_do_nothing(), rows)
        connection.execute(insert(connection, story_members), [_row(member, revision) for member in members])
    _name(connection, members, placed)
    _relate(connection, members)
    return revision


def membership_of(row: AnyRow) -> Membership | None:
    """Return the membership of a row that has the MEMBERSHIP_COLUMNS; None if it has none."""
    return membership(row.story_id, row.text_id, row.link_id, row.tie, row.score, row.story_published_id)


@lru_cache(maxsize=8192)
def membership(
    story_id: int | None, text_id: int, link_id: int, tie: str, score: int, published_id: str | None
) -> Membership | None:
    """Return the membership that the values of the MEMBERSHIP_COLUMNS make; None without a story."""
    if story_id is None:
        return None
    return Membership(
        story_id=story_id,
        text_id=text_id,
        link_id=link_id,
        tie=tie,
        score=score / 1000,
        published_id=published_id,
    )


def find_membership(connection: Connection, article_id: int) -> Membership | None:
    """Return the story of an article; None if it is in none."""
    query = select(*MEMBERSHIP_COLUMNS).join(stories, s.id == m.story_id)
    row = connection.execute(query.where(m.article_id == article_id)).one_or_none()
    return membership_of(row) if row else None


def memberships_of(connection: Connection, article_ids: Collection[int]) -> dict[int, Membership]:
    """Return article id -> its story, for those of these articles that are in one."""
    query = select(m.article_id, *MEMBERSHIP_COLUMNS).join(stories, s.id == m.story_id)
    query = query.where(m.article_id.in_(bindparam("wanted", expanding=True)))
    rows = [
        row for some in chunks(sorted(article_ids)) for row in connection.execute(query, {"wanted": some})
    ]
    return {row.article_id: found for row in rows if (found := membership_of(row)) is not None}


def read_story(connection: Connection, story_id: int) -> tuple[tuple[Article, SourceCard, Membership], ...]:
    """Return the articles of a story that are out, first told first; () if there is none."""
    rows = connection.execute(_REPORTS, {"story": story_id}).all()
    cards = load_cards(connection, {row.source_id for row in rows})
    found = articles_of(connection, rows)
    return tuple(
        (found[row.id], cards[row.source_id], told)
        for row in rows
        if (told := membership_of(row)) is not None
    )


def read_coverage(connection: Connection, article_id: int, limit: int) -> Coverage:
    """Return who else tells an article's story; at most *limit* others, those about something close last."""
    own = connection.execute(_TOLD, {"article": article_id}).first()
    if own is None:
        return Coverage()
    story_id, reports = own
    asked = {"article": article_id, "most": max(limit, 0)}
    rows = list(connection.execute(_SAME, asked)) if reports > 1 else []
    if len(rows) < limit:
        rows += connection.execute(_CLOSE, {**asked, "most": limit - len(rows)})
    cards = load_cards(connection, {row.source_id for row in rows})
    found = articles_of(connection, rows)
    return Coverage(story_id, reports, tuple((found[row.id], cards[row.source_id]) for row in rows))


def outlets_of(connection: Connection, story_ids: Collection[int]) -> dict[int, dict[str, set[int]]]:
    """Return story id -> outlet -> ids of its sources, of articles that are out."""
    query = (
        select(m.story_id, m.outlet, articles.c.source_id)
        .join(articles, articles.c.id == m.article_id)
        .where(m.story_id.in_(bindparam("wanted", expanding=True)))
        .where(articles.c.state == ArticleState.OUT.value)
        .distinct()
    )
    found: dict[int, dict[str, set[int]]] = {story_id: {} for story_id in story_ids}
    for some in chunks(sorted(story_ids)):
        for row in connection.execute(query, {"wanted": some}):
            found[row.story_id].setdefault(row.outlet, set()).add(row.source_id)
    return found


def _row(member: Member, revision: int) -> dict[str, object]:
    return {
        "article_id": member.article_id,
        "story_id": member.story_id,
        "text_id": member.text_id,
        "link_id": member.link_id,
        "tie": member.tie,
        "score": round(1000 * member.score),
        "outlet": member.outlet,
        "link": member.link,
        "sketch": member.sketch,
        "at": member.at,
        "revision": revision,
    }


def _name(
    connection: Connection, members: Sequence[Member], placed: Mapping[int, tuple[str, datetime]]
) -> None:
    """Give stories the published id of their first placed member; one that has an id keeps it."""
    first: dict[int, tuple[datetime, int]] = {}
    for member in members:
        if member.article_id in placed:
            key = (placed[member.article_id][1], member.article_id)
            first[member.story_id] = min(key, first.get(member.story_id, key))
    rows = [
        {"of_story": story_id, "named": placed[article_id][0], "at": at}
        for story_id, (at, article_id) in first.items()
    ]
    if rows:
        unnamed = (s.id == bindparam("of_story")) & s.published_id.is_(None)
        connection.execute(
            update(stories).where(unnamed).values(published_id=bindparam("named"), opened_at=bindparam("at")),
            rows,
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
    known = set(
        connection.scalars(select(s.id).where(s.id.in_({story_id for pair in pairs for story_id in pair})))
    )
    rows = [
        {"story_id": one, "other_id": other, "score": score}
        for (one, other), score in sorted(pairs.items())
        if one in known and other in known
    ]
    statement = insert(connection, story_relations)
    statement = statement.on_conflict_do_update(
        index_elements=["story_id", "other_id"], set_={"score": statement.excluded.score}
    )
    if rows:
        connection.execute(statement, rows)
