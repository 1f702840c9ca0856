"""Stories read: which one an article is in, who else tells it, and what is told about something close."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, bindparam, func, select

from aggregator.model import Article, ArticleState, Membership, SourceCard
from aggregator.store.articles.recall import SLIM_COLUMNS, articles_of
from aggregator.store.rows import among, rows_among
from aggregator.store.sources.cards import load_cards
from aggregator.store.tables import articles, stories, story_members, story_relations
from aggregator.store.types import AnyRow

m, s = story_members.c, stories.c
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


@dataclass(frozen=True, slots=True)
class Coverage:
    """What else is told about an article's subject."""

    #: None where the article is in none
    story_id: int | None = None
    #: articles of the story that are out, the article among them
    reports: int = 0
    #: other reports of the story, then one of each related story, closest first
    others: tuple[tuple[Article, SourceCard], ...] = ()


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
    rows = rows_among(connection, query.where(among(m.article_id)), article_ids)
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
        .where(among(m.story_id))
        .where(articles.c.state == ArticleState.OUT.value)
        .distinct()
    )
    found: dict[int, dict[str, set[int]]] = {story_id: {} for story_id in story_ids}
    for row in rows_among(connection, query, story_ids):
        found[row.story_id].setdefault(row.outlet, set()).add(row.source_id)
    return found
