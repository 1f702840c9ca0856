"""Issues of time-shaped feeds as rows: what was chosen at a set time flows in, once, for good.

An issue and the placements of its articles are written in one transaction under a unique key, so
it exists once however many workers notice that its time has come.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from aggregator.model import Article, ArticleState, FeedHead, Issue, Item
from aggregator.store.articles.listing import ARTICLES, article_of
from aggregator.store.feeds.items import items_where
from aggregator.store.feeds.placing import Standing, write_placements
from aggregator.store.feeds.versions import new_uid
from aggregator.store.locks import try_lock
from aggregator.store.rows import among, rows_among, value_of
from aggregator.store.tables import articles, feeds, issues, placements, story_members

a, i, m, p = articles.c, issues.c, story_members.c, placements.c
#: articles read of one issue, or of all that are shown
MOST = 5000


def find_last_issue(connection: Connection, feed_id: int) -> Issue | None:
    """Return the newest issue of a feed, empty or not; None before the first."""
    query = select(issues).where(i.feed_id == feed_id).order_by(i.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return value_of(Issue, row) if row else None


def list_issues(connection: Connection, head: FeedHead, limit: int) -> tuple[Issue, ...]:
    """Return at most *limit* issues that told something, newest first, and those in no archive yet."""
    full = select(issues).where(i.feed_id == head.id, i.last >= i.first)
    rows = list(connection.execute(full.order_by(i.number.desc()).limit(limit)))
    if rows and len(rows) == limit:
        older = full.where(i.number < rows[-1].number, i.last > head.archived_to)
        rows += connection.execute(older.order_by(i.number.desc()))
    return tuple(value_of(Issue, row) for row in rows)


def find_issue(connection: Connection, head: FeedHead, number: int) -> Issue | None:
    """Return an issue that told something; None if there is none of that number."""
    query = select(issues).where(i.feed_id == head.id, i.number == number, i.last >= i.first)
    row = connection.execute(query).one_or_none()
    return value_of(Issue, row) if row else None


def issues_begun(connection: Connection, head: FeedHead, first: int, last: int) -> tuple[Issue, ...]:
    """Return the issues whose first article entered from *first* to *last*, newest first."""
    query = select(issues).where(i.feed_id == head.id, i.last >= i.first, i.first.between(first, last))
    return tuple(value_of(Issue, row) for row in connection.execute(query.order_by(i.number.desc())))


def read_issues(connection: Connection, head: FeedHead, some: Sequence[Issue]) -> tuple[Item, ...]:
    """Return the articles of these issues, which follow each other."""
    if not some:
        return ()
    within = p.entered.between(min(one.first for one in some), max(one.last for one in some))
    return items_where(connection, head, within, limit=MOST)


def read_arrived(
    connection: Connection, since: datetime, until: datetime, *, oldest: datetime, after_id: int, limit: int
) -> tuple[Article, ...]:
    """Return articles that went out after *since* and up to *until*, by id, beginning after *after_id*.

    Args:
        oldest: articles sorted before that are left out, however late they came.
    """
    out = (
        select(p.article_id)
        .join(feeds, feeds.c.id == p.feed_id)
        .where(p.article_id == a.id, feeds.c.kind == "source", p.entered_at > since, p.entered_at <= until)
        .exists()
    )
    query = (
        ARTICLES.where(
            a.sort_date > oldest, a.sort_date <= until, a.id > after_id, a.state == ArticleState.OUT.value
        )
        .where(out)
        .order_by(a.id)
        .limit(limit)
    )
    return tuple(article_of(row) for row in connection.execute(query))


def find_told(connection: Connection, feed_id: int, article_ids: Collection[int]) -> frozenset[int]:
    """Return those of these articles that the feed has told, by themselves or by others of their story."""
    mates = story_members.alias("mates")
    by_story = (
        select(m.article_id)
        .join(mates, mates.c.story_id == m.story_id)
        .join(placements, (p.article_id == mates.c.article_id) & (p.feed_id == feed_id))
        .where(among(m.article_id))
    )
    itself = select(p.article_id).where(p.feed_id == feed_id, among(p.article_id))
    return frozenset(
        row.article_id for query in (by_story, itself) for row in rows_among(connection, query, article_ids)
    )


def save_issue(
    connection: Connection,
    head: FeedHead,
    since: datetime,
    at: datetime,
    chosen: Sequence[tuple[Article, int, str]],
    now: datetime,
) -> Issue | None:
    """Store the issue that was due at *at*; None if another process makes issues, or made this one.

    Args:
        chosen: (article, place from 1, why); the best place enters last.
    """
    if not try_lock(connection, "issues"):
        return None
    feed = select(feeds.c.last_entered, feeds.c.is_timed).where(feeds.c.id == head.id).with_for_update()
    row = connection.execute(feed).one_or_none()
    before = find_last_issue(connection, head.id)
    if row is None or not row.is_timed or (before is not None and before.at >= at):
        return None
    standings = [_standing(head, *one, now) for one in chosen]
    issue = Issue(
        number=before.number + 1 if before else 1,
        uid=new_uid(),
        since=since,
        at=at,
        first=row.last_entered + 1,
        last=row.last_entered + len(standings),
    )
    values = {"feed_id": head.id, "number": issue.number, "uid": issue.uid, "since": since, "at": at}
    connection.execute(insert(issues).values(**values, first=issue.first, last=issue.last))
    write_placements(connection, standings, only=[head.id])
    return issue


def _standing(head: FeedHead, article: Article, place: int, why: str, now: datetime) -> Standing:
    return Standing(
        article_id=article.id,
        sort_date=article.sort_date,
        digest=article.entry.digest,
        at=now,
        feeds={head.id: why},
        order=-place,
    )
