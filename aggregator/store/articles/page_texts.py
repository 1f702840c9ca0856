"""Full texts as rows: which pages are wanted, who reads them, what came of it.

In: articles as they come and go, finished readings. Out: claims, and feeds with new versions
where a text came in. A row is made when an article of a source that reads pages goes out, asks
again when the article's link changes, and goes when the article does or is taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, null, select, update

from aggregator.http.groups import group_of, is_shared
from aggregator.model import ArticleState, Budget
from aggregator.model.packing import pack_text
from aggregator.model.pages import MOST_TRIES, PageClaim, PageCounts, PageRead, PageState
from aggregator.store.counters import add
from aggregator.store.dialect import insert
from aggregator.store.feeds.versions import hold_feeds, touch_feeds
from aggregator.store.locks import lock, lock_shared
from aggregator.store.rows import among, change_among, rows_among, value_of
from aggregator.store.sources.hosts import allowance, book_pages, is_open, space, spend
from aggregator.store.tables import articles, page_texts, placements, sources
from aggregator.store.types import AnyRow

a, s, t = articles.c, sources.c, page_texts.c
#: waits after the first and the second try that failed
WAITS = (timedelta(minutes=10), timedelta(hours=3))
#: of a source that begins to read pages, so many of its newest articles are read
FIRST = 30
#: rows looked at for one claim: more than are claimed, as many may share a site
WINDOW = 4
_WANTING = (ArticleState.OUT.value, ArticleState.HELD.value)


def want_texts(connection: Connection, article_ids: Collection[int], now: datetime) -> None:
    """Follow articles that came, changed or left: ask for the pages of those that go out.

    Only of sources that read pages; one whose page was asked for is asked again if its link changed.
    """
    query = select(a.id, a.link, a.link_hash).join(sources, s.id == a.source_id)
    query = query.where(among(a.id), s.reads_pages, a.link.is_not(None), a.state.in_(_WANTING)).order_by(a.id)
    statement = insert(connection, page_texts)
    fresh = ("link_hash", "host", "due_at", "tries", "reason")
    statement = statement.on_conflict_do_update(
        index_elements=["article_id"],
        set_={name: statement.excluded[name] for name in fresh},
        where=t.link_hash != statement.excluded.link_hash,
    )
    rows = [
        {"article_id": row.id, "link_hash": row.link_hash, "host": host, "due_at": now}
        | {"tries": 0, "reason": "", "words": 0}
        for row in rows_among(connection, query, article_ids)
        if (host := group_of(row.link))
    ]
    if rows:
        connection.execute(statement, rows)
    taken_back = select(a.id).where(among(a.id), a.state == ArticleState.WITHDRAWN.value)
    change_among(connection, delete(page_texts).where(t.article_id.in_(taken_back)), article_ids)


def follow_switch(connection: Connection, source_ids: Sequence[int], now: datetime) -> None:
    """Ask for the newest pages of sources that begin to read them; stop waiting where they stop."""
    for source_id in source_ids:
        mine = a.source_id == source_id
        if connection.scalar(select(s.reads_pages).where(s.id == source_id)):
            newest = select(a.id).where(mine, a.state == ArticleState.OUT.value)
            newest = newest.order_by(a.sort_date.desc(), a.id.desc()).limit(FIRST)
            want_texts(connection, list(connection.scalars(newest)), now)
        else:
            waiting = t.article_id.in_(select(a.id).where(mine))
            connection.execute(delete(page_texts).where(waiting, t.due_at.is_not(None), t.body.is_(None)))


def read_again(connection: Connection, source_ids: Sequence[int], now: datetime) -> None:
    """Ask once more for the newest pages of sources whose texts stand elsewhere in them than was said."""
    for source_id in source_ids:
        newest = select(t.article_id).join(articles, a.id == t.article_id).where(a.source_id == source_id)
        newest = newest.order_by(a.sort_date.desc(), a.id.desc()).limit(FIRST)
        mine = t.article_id.in_(list(connection.scalars(newest)))
        connection.execute(update(page_texts).where(mine).values(due_at=now, tries=0, reason=""))


def claim_pages(
    connection: Connection,
    now: datetime,
    budget: Budget,
    *,
    limit: int,
    seconds: float,
) -> tuple[PageClaim, ...]:
    """Claim pages that are due, the longest due first, within the budget that polls have.

    Args:
        limit: at most so many.
        seconds: how long the claims hold.
    """
    lock(connection, "claims")
    limit = min(limit, allowance(connection, budget, now))
    until, running, claims = now + timedelta(seconds=seconds), dict[str, int](), list[PageClaim]()
    for row in connection.execute(_due(now, limit * WINDOW)).all() if limit > 0 else ():
        most = 1 if budget.spacing_s and is_shared(row.host) else budget.per_host
        if len(claims) < limit and running.get(row.host, 0) < most:
            running[row.host] = running.get(row.host, 0) + 1
            claims.append(_claim_of(row, until))
    if claims:
        taking = update(page_texts).where(t.article_id == bindparam("row_id"))
        rows = [{"row_id": claim.article_id, "tried": claim.tries} for claim in claims]
        connection.execute(taking.values(due_at=until, tries=bindparam("tried")), rows)
        space(connection, running, now + timedelta(seconds=budget.spacing_s))
        spend(connection, budget, len(claims), now)
    return tuple(claims)


def _due(now: datetime, limit: int) -> Select[Any]:
    """The pages that are due and that their hosts' spacing allows, the longest due first."""
    return (
        select(t.article_id, t.host, t.tries, a.link, s.slug, s.settings)
        .join(articles, a.id == t.article_id)
        .join(sources, s.id == a.source_id)
        .where(t.due_at <= now, s.is_configured, s.reads_pages, a.link.is_not(None))
        .where(is_open(t.host, now, spaced=True))
        .order_by(t.due_at, t.article_id)
        .limit(limit)
        .with_for_update(of=page_texts, skip_locked=True)
    )


def _claim_of(row: AnyRow, until: datetime) -> PageClaim:
    return PageClaim(
        article_id=row.article_id,
        source=row.settings,
        slug=row.slug,
        url=row.link,
        group=row.host,
        tries=row.tries + 1,
        until=until,
    )


def give_back(connection: Connection, claims: Sequence[PageClaim], now: datetime) -> None:
    """Give claims back unused: the tries were none."""
    for claim in claims:
        connection.execute(_mine(claim).values(due_at=now, tries=claim.tries - 1))


def save_pages(connection: Connection, reads: Sequence[PageRead]) -> frozenset[int]:
    """Keep what was read and when the rest is tried again; return the ids of feeds that changed.

    A reading whose claim was lost meanwhile - another link, the article gone - is left out.
    """
    # in the order in which polls are saved: the configuration, the ledger of sites, feeds, pages
    lock_shared(connection, "configuration")
    book_pages(connection, reads)
    hold_feeds(connection, [read.claim.article_id for read in reads])
    came: list[PageRead] = []
    for read in sorted(reads, key=lambda read: read.claim.article_id):
        kept = connection.execute(_mine(read.claim).values(_outcome(read)))
        if kept.rowcount and read.text is not None:
            came.append(read)
        add(connection, {("page_texts", _word(read)): kept.rowcount})
    return _show(connection, came)


def find_page(connection: Connection, article_id: int) -> PageState | None:
    """Return how the full text of an article stands; None if none is wanted."""
    query = select(t.tries, t.due_at, t.fetched_at, t.words, t.reason).where(t.article_id == article_id)
    row = connection.execute(query).one_or_none()
    return value_of(PageState, row) if row else None


def read_later(connection: Connection, article_ids: Collection[int], moment: datetime) -> frozenset[int]:
    """Return which of these articles' texts were read after *moment*."""
    query = select(t.article_id).where(t.article_id.in_(article_ids), t.fetched_at > moment)
    return frozenset(connection.scalars(query)) if article_ids else frozenset()


def count_pages(connection: Connection, source_ids: Sequence[int] | None = None) -> dict[int, PageCounts]:
    """Return by source id how its full texts stand; sources that have none are left out.

    Args:
        source_ids: only these; None for all.
    """
    is_read, is_waiting = t.body.is_not(None), t.due_at.is_not(None)
    given_up = ~is_read & ~is_waiting
    query = (
        select(
            a.source_id,
            func.count().filter(is_read).label("read"),
            func.count().filter(is_waiting & ~is_read).label("waiting"),
            func.count().filter(given_up).label("given_up"),
            func.max(t.article_id).filter(given_up).label("last"),
        )
        .join(articles, a.id == t.article_id)
        .group_by(a.source_id)
    )
    if source_ids is not None:
        query = query.where(a.source_id.in_(source_ids))
    rows = connection.execute(query).all()
    asked = select(t.article_id, t.reason).where(t.article_id.in_([row.last for row in rows if row.last]))
    reasons = {row.article_id: row.reason for row in connection.execute(asked)}
    return {
        row.source_id: PageCounts(row.read, row.waiting, row.given_up, reasons.get(row.last, ""))
        for row in rows
    }


def _mine(claim: PageClaim) -> Any:
    return update(page_texts).where(t.article_id == claim.article_id, t.due_at == claim.until)


def _outcome(read: PageRead) -> dict[str, Any]:
    """The columns that a finished try sets; a text that was read before stays where a later try fails."""
    if read.text is not None:
        text = {"body": pack_text(read.text.content), "words": read.text.words, "fetched_at": read.at}
        return text | {"due_at": null(), "reason": ""}
    return {"due_at": _next_try(read), "reason": read.failure.reason if read.failure else ""}


def _next_try(read: PageRead) -> datetime | None:
    if read.is_final or read.claim.tries >= MOST_TRIES:
        return None
    wait = WAITS[min(read.claim.tries, len(WAITS)) - 1]
    asked_s = (read.failure.hints.retry_after_s if read.failure else None) or 0.0
    return read.at + max(wait, timedelta(seconds=min(max(asked_s, 0.0), 86400.0)))


def _word(read: PageRead) -> str:
    if read.text is not None:
        return "ok"
    return "given-up" if _next_try(read) is None else "failed"


def _show(connection: Connection, came: Sequence[PageRead]) -> frozenset[int]:
    """Give feeds that hold these articles another version."""
    placed = select(placements.c.article_id, placements.c.feed_id)
    placed = placed.where(among(placements.c.article_id)).order_by(placements.c.article_id)
    why: dict[int, str] = {}
    for row in rows_among(connection, placed, [read.claim.article_id for read in came]):
        why[row.feed_id] = f"{why.get(row.feed_id, '')} text of {row.article_id}"
    if why:
        touch_feeds(connection, why, max(read.at for read in came))
    return frozenset(why)
