"""What a person says about stories: an article is taken out of one, or two become one.

In: article ids. Out: the story it is in now. A correction is a decision like any other, with a
revision of its own, so that every worker follows it; nothing decides again afterwards.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from aggregator.errors import NotFound
from aggregator.store.feeds.versions import touch_feeds
from aggregator.store.rows import among, rows_among
from aggregator.store.stories.telling import CORRECTED, hold_stories, last_revision
from aggregator.store.tables import articles, placements, stories, story_corrections, story_members
from aggregator.store.types import AnyRow

m, s = story_members.c, stories.c


def split_story(connection: Connection, article_id: int, now: datetime) -> int:
    """Take an article out of its story and return the id of the story it is in now.

    The story keeps its published id, unless that is the article's own: then the next placed
    article's stands for the rest. Alone already, nothing happens.

    Raises: NotFound: the article is in no story.
    """
    rows = _touch(connection, [article_id], now, "split")
    hold_stories(connection)
    own = next(row for row in rows if row.article_id == article_id)
    rest = [row for row in rows if row.article_id != article_id]
    if not rest:
        return int(own.story_id)
    if own.story_id == article_id:
        _move(connection, rest, min(row.article_id for row in rest), own.opened_at, None)
        connection.execute(update(stories).where(s.id == article_id).values(published_id=own.published_id))
        left = [own]
    else:
        left = []
        _move(connection, [own], article_id, own.sort_date, own.published_id)
    _note(connection, "split", article_id, own.story_id, now, left)
    if own.named == own.published_id and own.story_id != article_id:
        # two entries must not share an id: the article took its own away
        renamed = update(stories).where(s.id == own.story_id)
        connection.execute(renamed.values(published_id=_first_placed(rest)))
    return article_id


def join_stories(connection: Connection, article_id: int, other_id: int, now: datetime) -> int:
    """Make the stories of two articles one and return its id: the older one's, which keeps its entry.

    Raises: NotFound: one of the articles is in no story.
    """
    rows = _touch(connection, [article_id, other_id], now, "join")
    hold_stories(connection)
    ids = {row.article_id: (row.opened_at, row.story_id) for row in rows}
    (_, kept), (_, left) = sorted((ids[article_id], ids[other_id]))
    if kept == left:
        return int(kept)
    _move(connection, [row for row in rows if row.story_id == left], kept, None, None)
    connection.execute(delete(stories).where(s.id == left))
    _note(connection, "join", article_id, kept, now, ())
    return int(kept)


def _touch(connection: Connection, ids: Collection[int], now: datetime, verb: str) -> list[AnyRow]:
    """Give the feeds that show these stories another version, and return the stories' articles."""
    own = select(m.article_id, m.story_id).where(among(m.article_id))
    found = list(rows_among(connection, own, ids))
    for article_id in ids:
        if article_id not in {row.article_id for row in found}:
            raise NotFound(f"article {article_id} is in no story")
    query = (
        select(
            *(m.article_id, m.story_id, articles.c.sort_date, articles.c.published_id, articles.c.state),
            *(s.opened_at, s.published_id.label("named")),
        )
        .join(articles, articles.c.id == m.article_id)
        .join(stories, s.id == m.story_id)
        .where(m.story_id.in_([row.story_id for row in found]))
        .order_by(articles.c.sort_date, m.article_id)
    )
    rows = list(connection.execute(query))
    showing = select(placements.c.feed_id).where(among(placements.c.article_id)).distinct()
    feed_ids = {row.feed_id for row in rows_among(connection, showing, [row.article_id for row in rows])}
    touch_feeds(connection, dict.fromkeys(feed_ids, f"{verb} {sorted(ids)}"), now)
    return rows


def _move(
    connection: Connection,
    rows: Collection[AnyRow],
    story_id: int,
    opened_at: datetime | None,
    published_id: str | None,
) -> None:
    """Put articles into a story; it is made where *opened_at* is given."""
    if opened_at is not None:
        named = published_id or _first_placed(rows)
        connection.execute(insert(stories).values(id=story_id, published_id=named, opened_at=opened_at))
    connection.execute(
        update(story_members)
        .where(m.article_id.in_([row.article_id for row in rows]))
        .values(story_id=story_id, tie=CORRECTED, score=1000, revision=last_revision(connection) + 1)
    )


def _first_placed(rows: Collection[AnyRow]) -> str | None:
    return next((row.published_id for row in rows if row.state == "out"), None)


def _note(
    connection: Connection,
    verb: str,
    article_id: int,
    story_id: int,
    now: datetime,
    left: Collection[AnyRow],
) -> None:
    connection.execute(
        insert(story_corrections).values(verb=verb, article_id=article_id, story_id=story_id, at=now)
    )
    if left:
        connection.execute(
            update(story_members)
            .where(m.article_id.in_([row.article_id for row in left]))
            .values(tie=CORRECTED, revision=last_revision(connection) + 1)
        )
