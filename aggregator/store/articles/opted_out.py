"""Articles that their publishers want out, and those that may come back.

In: a judge of links. Out: other states, and feeds that lost articles and say so. The articles
stay in the store, so that a mistake in the list can be mended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from aggregator.model import ArticleState
from aggregator.store.articles.page_texts import want_texts
from aggregator.store.feeds.placing import Standing, write_placements
from aggregator.store.tables import articles, sources
from aggregator.store.types import AnyRow

a = articles.c
#: rows looked at in one go
PAGE = 2000


def judge_links(
    connection: Connection, judge: Callable[[str | None, str], str | None], reason: str, now: datetime
) -> int:
    """Withdraw every article that *judge* covers, and let go of those that it no longer does.

    An article that comes back is stored silently: it was announced once.

    Args:
        judge: from an article's link and its source's URL to what covers them, None if nothing does.
        reason: how the reason of such articles begins.

    Returns: how many articles changed.
    """
    last, changed = 0, 0
    query = (
        select(a.id, a.link, a.state, a.reason, a.published_id, a.digest, a.sort_date, sources.c.url)
        .join(sources, sources.c.id == a.source_id)
        .where(a.id > bindparam("last"))
        .order_by(a.id)
        .limit(PAGE)
    )
    while rows := connection.execute(query, {"last": last}).all():
        last = rows[-1].id
        covered = [(row, judge(row.link, row.url)) for row in rows]
        leaving = [(row, by) for row, by in covered if by and row.state != ArticleState.WITHDRAWN]
        back = [row for row, by in covered if not by and row.reason.startswith(reason)]
        _withdraw(connection, [(row, reason + by) for row, by in leaving if by], now)
        _write_states(connection, [(row.id, ArticleState.SILENT, "") for row in back])
        changed += len(leaving) + len(back)
    return changed


def _withdraw(connection: Connection, leaving: Sequence[tuple[AnyRow, str]], now: datetime) -> None:
    if not leaving:
        return
    _write_states(connection, [(row.id, ArticleState.WITHDRAWN, why) for row, why in leaving])
    standings = [
        Standing(
            article_id=row.id,
            sort_date=row.sort_date,
            digest=row.digest,
            at=now,
            feeds={},
            withdrawn_id=row.published_id,
        )
        for row, _ in leaving
    ]
    write_placements(connection, standings)
    want_texts(connection, [row.id for row, _ in leaving], now)


def _write_states(connection: Connection, states: Sequence[tuple[int, ArticleState, str]]) -> None:
    if states:
        change = update(articles).where(a.id == bindparam("row_id"))
        connection.execute(
            change.values(state=bindparam("now_state"), reason=bindparam("why"), release_at=None),
            [{"row_id": row_id, "now_state": state.value, "why": why} for row_id, state, why in states],
        )
