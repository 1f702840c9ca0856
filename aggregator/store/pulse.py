"""The pulse: how the whole store stands at one moment, for metrics and readiness.

In: a moment. Out: one value; nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from aggregator.model.push import PushCounts
from aggregator.store.counters import Counts
from aggregator.store.problems import count_open
from aggregator.store.push.pushview import count_pushes
from aggregator.store.tables import articles, counters, sources


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the store stands at one moment."""

    counts: Counts
    #: configured sources by state: ok, new, failing, gone
    sources: Mapping[str, int]
    #: of all sources
    articles: int
    #: configured sources whose time has come and that nobody polls now
    due: int
    #: how long the most overdue of them waits; 0 if none does
    lateness_s: float
    #: when a poll last ended; None before the first
    last_poll: datetime | None
    pushes: PushCounts
    #: open problems by kind
    problems: Mapping[str, int]


def take_pulse(connection: Connection, now: datetime) -> Pulse:
    """Return how the store stands now."""
    c = sources.c
    rows = connection.execute(select(counters.c.name, counters.c.label, counters.c.total))
    pollable = (c.is_configured, ~c.is_gone)
    free = (c.claimed_until.is_(None)) | (c.claimed_until <= bindparam("now", now, c.due_at.type))
    late = select(func.count(), func.min(c.due_at)).where(*pollable, c.due_at <= now, free)
    due, oldest = connection.execute(late, {"now": now}).one()
    return Pulse(
        counts={(row.name, row.label): row.total for row in rows},
        sources=count_states(connection),
        articles=connection.scalar(select(func.count()).select_from(articles)) or 0,
        due=due,
        lateness_s=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        last_poll=connection.scalar(select(func.max(c.last_poll))),
        pushes=count_pushes(connection, now),
        problems=count_open(connection),
    )


def count_states(connection: Connection) -> dict[str, int]:
    """Return the number of configured sources by state: ok, new, failing, gone."""
    c = sources.c
    shape = (c.is_gone, c.failures > 0, c.last_success.is_not(None))
    query = select(*shape, func.count()).where(c.is_configured).group_by(*shape)
    found: Counter[str] = Counter()
    for is_gone, is_failing, was_well, count in connection.execute(query):
        state = "gone" if is_gone else "failing" if is_failing else "ok" if was_well else "new"
        found[state] += count
    return dict(found)
