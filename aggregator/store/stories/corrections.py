"""What a person says about stories: an article is taken out of one, or two become one.

In: article ids. Out: the story it is in now. A correction is a decision like any other, with a
revision of its own, so that every worker follows it; nothing decides again afterwards.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from aggregator.errors import NotFound
from aggregator.model import ArticleState
from aggregator.store.feeds.versions import touch_feeds
from aggregator.store.locks import lock
from aggregator.store.rows import among, rows_among
from aggregator.store.stories.telling import CORRECTED, hold_stories, last_revision
from aggregator.store.tables import articles, placements, stories, story_members
from aggregator.store.types import AnyRow

m, s = story_members.c, stories.c


def split_story(connection: Connection, article_id: int, now: datetime) -> int:
    """Take an article out of its story and return the id of the story it is in now.

    The story keeps its published id, unless that is the article's own: then the next placed
    article's stands for the rest. Alone already, nothing happens.

    Raises: NotFound: the article is in no story.
    """
    rows = _members(connection, [article_id])
    own = next(row for row in rows if row.article_id == article_id)
    rest = [row for row in rows if row.article_id != article_id]
    if not rest:
        return int(own.story_id)
    _correct(connection, rows, f"split {[article_id]}", now)
    # two entries must not share an id: the article takes its own away
    name = own.named if own.named != own.published_id else _first_placed(rest)
    if own.story_id == article_id:
        _open(connection, min(row.article_id for row in rest), own.opened_at, name, rest)
        _move(connection, [own], article_id)
        _rename(connection, article_id, _first_placed([own]))
    else:
        _open(connection, article_id, own.sort_date, _first_placed([own]), [own])
        _rename(connection, own.story_id, name)
    return article_id


def join_stories(connection: Connection, article_id: int, other_id: int, now: datetime) -> int:
    """Make the stories of two articles one and return its id: the older one's, which keeps its entry.

    Raises: NotFound: one of the articles is in no story.
    """
    rows = _members(connection, [article_id, other_id])
    of = {row.article_id: row for row in rows}
    kept, left = sorted((of[article_id], of[other_id]), key=lambda row: (row.opened_at, row.story_id))
    if kept.story_id == left.story_id:
        return int(kept.story_id)
    _correct(connection, rows, f"join {sorted((article_id, other_id))}", now)
    _move(connection, [row for row in rows if row.story_id == left.story_id], kept.story_id)
    connection.execute(delete(stories).where(s.id == left.story_id))
    _rename(connection, kept.story_id, kept.named or left.named)
    return int(kept.story_id)


def _members(connection: Connection, ids: Collection[int]) -> list[AnyRow]:
    """Return the members of the stories of these articles, first told first; nobody tells more meanwhile."""
    lock(connection, "configuration")  # who takes polls in shares it, to the end
    own = select(m.article_id, m.story_id).where(among(m.article_id))
    of = {row.article_id: row.story_id for row in rows_among(connection, own, ids)}
    for article_id in ids:
        if article_id not in of:
            raise NotFound(f"article {article_id} is in no story")
    query = (
        select(
            *(m.article_id, m.story_id, articles.c.sort_date, articles.c.published_id, articles.c.state),
            *(s.opened_at, s.published_id.label("named")),
        )
        .join(articles, articles.c.id == m.article_id)
        .join(stories, s.id == m.story_id)
        .where(m.story_id.in_(of.values()))
        .order_by(articles.c.sort_date, m.article_id)
    )
    return list(connection.execute(query))


def _correct(connection: Connection, rows: Collection[AnyRow], what: str, now: datetime) -> None:
    """Give the feeds that show these articles another version, and keep others from telling stories."""
    showing = select(placements.c.feed_id).where(among(placements.c.article_id)).distinct()
    feed_ids = {row.feed_id for row in rows_among(connection, showing, [row.article_id for row in rows])}
    touch_feeds(connection, dict.fromkeys(feed_ids, what), now)
    hold_stories(connection)


def _open(
    connection: Connection, story_id: int, at: datetime, name: str | None, members: Collection[AnyRow]
) -> None:
    connection.execute(insert(stories).values(id=story_id, published_id=name, opened_at=at))
    _move(connection, members, story_id)


def _move(connection: Connection, members: Collection[AnyRow], story_id: int) -> None:
    """Put articles into a story where a person wants them, be it the one they are in."""
    moving = update(story_members).where(m.article_id.in_([row.article_id for row in members]))
    revision = last_revision(connection) + 1
    connection.execute(moving.values(story_id=story_id, tie=CORRECTED, score=1000, revision=revision))


def _rename(connection: Connection, story_id: int, name: str | None) -> None:
    connection.execute(update(stories).where(s.id == story_id).values(published_id=name))


def _first_placed(rows: Collection[AnyRow]) -> str | None:
    return next((row.published_id for row in rows if row.state == ArticleState.OUT.value), None)
