"""Articles that their publishers want out, and those that may come back.

In: a judge of articles. Out: other states, and feeds that lost articles and say so. The articles
stay in the store, so that a mistake in the list can be mended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from aggregator.model import ArticleState
from aggregator.store.articles.page_texts import want_texts
from aggregator.store.feeds.placing import Standing, write_placements
from aggregator.store.tables import articles, sources
from aggregator.store.types import AnyRow

#: from an article's state, its reason, its link and its source's URL to the state it is to have and why;
#: None where it stays
Judge = Callable[[ArticleState, str, str | None, str], tuple[ArticleState, str] | None]
a = articles.c
#: rows looked at in one go
PAGE = 2000


def judge_links(connection: Connection, judge: Judge, back_because: str, now: datetime) -> int:
    """Withdraw every article that *judge* covers, and let go of those that it no longer does.

    An article that was out and comes back is held until now, so that it is placed like others that are held.

    Args:
        back_because: why it is held, for release_due(), which tells nobody anew of such articles.

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
        judged = [(row, judge(ArticleState(row.state), row.reason, row.link, row.url)) for row in rows]
        becomes = {row: state for row, state in judged if state is not None}
        leaving = {row: why for row, (state, why) in becomes.items() if state is ArticleState.WITHDRAWN}
        _withdraw(connection, leaving, now)
        back = [row.id for row, (state, _) in becomes.items() if state is ArticleState.OUT]
        _write_states(connection, [(row_id, ArticleState.HELD, back_because) for row_id in back], now)
        untold = [
            (row.id, state, why)
            for row, (state, why) in becomes.items()
            if state in (ArticleState.HELD, ArticleState.SILENT)
        ]
        _write_states(connection, untold)
        changed += len(becomes)
    return changed


def _withdraw(connection: Connection, leaving: Mapping[AnyRow, str], now: datetime) -> None:
    if not leaving:
        return
    _write_states(connection, [(row.id, ArticleState.WITHDRAWN, why) for row, why in leaving.items()])
    standings = [
        Standing(
            article_id=row.id,
            sort_date=row.sort_date,
            digest=row.digest,
            at=now,
            feeds={},
            withdrawn_id=row.published_id,
        )
        for row in leaving
    ]
    write_placements(connection, standings)
    want_texts(connection, [row.id for row in leaving], now)


def _write_states(
    connection: Connection, states: Sequence[tuple[int, ArticleState, str]], until: datetime | None = None
) -> None:
    """Write states and reasons; *until* replaces the time of release, which stays for None."""
    if states:
        change = update(articles).where(a.id == bindparam("row_id"))
        times = {} if until is None else {"release_at": until}
        connection.execute(
            change.values(state=bindparam("now_state"), reason=bindparam("why"), **times),
            [{"row_id": row_id, "now_state": state.value, "why": why} for row_id, state, why in states],
        )
