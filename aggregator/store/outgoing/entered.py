"""What entered a feed lately, told once: where the feed joins copies of one thing, only the first counts.

A feed's head and a stretch of its order of arrival in, article ids out. Newsletters and webhooks follow
a feed by it. Reads only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, case, exists, select

from aggregator.model import Duplicates, FeedHead
from aggregator.store.tables import placements, story_members

p, m = placements.c, story_members.c
_before, _kin = placements.alias("before"), story_members.alias("kin")
_OWN = placements.outerjoin(story_members, m.article_id == p.article_id)


def entered_between(
    connection: Connection, head: FeedHead, since: int, until: int, limit: int
) -> frozenset[int]:
    """Return the newest articles that entered a feed after *since* and up to *until*, at most *limit*.

    What a copy stood for in the feed before *since* is left out.
    """
    query = select(p.article_id).select_from(_OWN)
    query = query.where(p.feed_id == head.id, p.entered > since, p.entered <= until)
    query = query.where(_is_first(head, _before.c.entered <= since))
    newest = query.order_by(p.sort_date.desc(), p.article_id.desc()).limit(limit)
    return frozenset(connection.scalars(newest))


def next_entered(
    connection: Connection, head: FeedHead, after: int, since: datetime, limit: int
) -> list[tuple[int, int]]:
    """Return (article id, place in the order of arrival) of what entered a feed after *after*, in order.

    Of copies of one thing only the first that entered is returned, if it did after *after*.

    Args:
        since: what a changed rule brought in is left out if it was first seen before.
    """
    query = select(p.article_id, p.entered).select_from(_OWN)
    query = query.where(p.feed_id == head.id, p.entered > after, p.entered_at > since)
    query = query.where(_is_first(head, _before.c.entered < p.entered))
    rows = connection.execute(query.order_by(p.entered).limit(limit))
    return [(row.article_id, row.entered) for row in rows]


def _is_first(head: FeedHead, earlier: ColumnElement[bool]) -> ColumnElement[Any]:
    """The condition that no placement *earlier* in the feed is of a copy of the article."""
    if head.duplicates == "keep":
        return p.article_id.is_not(None)
    same = (
        select(_before.c.article_id)
        .select_from(_before.join(_kin, _kin.c.article_id == _before.c.article_id))
        .where(_before.c.feed_id == head.id, earlier)
        .where(_thing(_kin, head.duplicates) == _thing(story_members, head.duplicates))
        .correlate(placements, story_members)
    )
    return ~exists(same)


def _thing(members: FromClause, duplicates: Duplicates) -> ColumnElement[Any]:
    """What copies have in common, as curate.copies joins them."""
    c = members.c
    match duplicates:
        case "link":
            return c.link_id
        case "text":
            return case((c.text_id < c.link_id, c.text_id), else_=c.link_id)
        case _:
            return c.story_id
