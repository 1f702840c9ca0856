"""What finished polls and pushes say about pushing becomes rows, in the transaction that saves them.

In: results that hold their claims. Out: offers, doubts, an emptier inbox, and for a push the
source's next poll; nothing else of its row, for a push says nothing of the server we poll.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, update

from aggregator.model import ArticleState, PollResult
from aggregator.store.holders import FREE
from aggregator.store.push.inbox import remove_deliveries
from aggregator.store.push.subscriptions import doubt, note_offers
from aggregator.store.tables import sources
from aggregator.store.types import AnyRow


def write_pushes(connection: Connection, results: Sequence[PollResult], rows: Mapping[int, AnyRow]) -> None:
    """Keep what *results* say about pushing, and end what was pushed."""
    note_offers(connection, {r.claim.source_id: r.offer for r in results if r.offer is not None})
    polls = [result for result in results if result.push_id is None]
    doubt(connection, [r.claim.source_id for r in polls if r.claim.pushed_until and brings_news(r)])
    pushes = [result for result in results if result.push_id is not None]
    if pushes:
        c = sources.c
        names = ("due_at", "next_why", "rhythm", "settled")
        values: dict[str, Any] = {name: bindparam(name) for name in names}
        change = update(sources).where(c.id == bindparam("row_id"))
        connection.execute(
            change.values(values | FREE),
            [_next(result, rows[result.claim.source_id]) for result in pushes],
        )
    remove_deliveries(connection, [result.push_id for result in pushes if result.push_id is not None])


def brings_news(result: PollResult) -> bool:
    """Tell whether a result has a new article that goes out."""
    return any(
        one.admission.article_id is None and one.admission.state is ArticleState.OUT for one in result.placed
    )


def _next(result: PollResult, row: AnyRow) -> dict[str, Any]:
    return {
        "row_id": row.id,
        "due_at": result.next_poll.at,
        "next_why": result.next_poll.why or row.next_why,
        "rhythm": result.rhythm or row.rhythm,
        # what is pushed may change articles of the last document
        "settled": None if result.placed else row.settled,
    }
