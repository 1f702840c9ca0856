"""Outages of our own network, as far as the store remembers them: what they cost a source is undone.

In: ids of sources and the plan for them. Out: rows as if the failed polls had not been.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from aggregator.model import FailureKind, NextPoll
from aggregator.store.rows import among, change_among
from aggregator.store.tables import sources

c = sources.c
OFFLINE = FailureKind.OFFLINE.value
_FORGIVE = (
    update(sources)
    .where(c.id == bindparam("row_id"), c.failures > 0)
    .values(failures=c.failures - 1, due_at=bindparam("at"), next_why=bindparam("because"))
)


def forgive(connection: Connection, plans: Mapping[int, NextPoll], reason: str) -> None:
    """Take back the last failure of these sources: it was our own network.

    Args:
        plans: when each is asked again, by source id.
        reason: one sentence for ``status``.
    """
    first = update(sources).where(among(c.id), c.failures == 1)
    change_among(connection, first.values(failure_kind=OFFLINE, reason=reason), plans)
    rows = [{"row_id": i, "at": plan.at, "because": plan.why} for i, plan in sorted(plans.items())]
    if rows:
        connection.execute(_FORGIVE, rows)


def resume(connection: Connection, now: datetime) -> None:
    """Make due at once what waits for our network only."""
    waiting = (c.failure_kind == OFFLINE, c.failures == 0, c.due_at > now)
    connection.execute(update(sources).where(*waiting).values(due_at=now, next_why="our network is back"))
