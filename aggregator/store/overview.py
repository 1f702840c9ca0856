"""How all sources stand taken together, counted by the database: a few figures, however many there are.

Rows flow in, one Overview out. What each source does is in sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import Connection, case, func, select

from aggregator.model import FailureKind
from aggregator.store.pulse import count_states
from aggregator.store.tables import hosts, sources

c, h = sources.c, hosts.c


@dataclass(frozen=True, slots=True)
class Overview:
    """All sources in a few figures."""

    #: configured sources by state: ok, new, failing, gone
    counts: Mapping[str, int]
    #: configured sources that fail because our own network seems to be down
    offline: int
    #: some configured source has ever answered
    has_answered: bool
    #: rows that list_states() gives, removed sources included
    rows: int
    #: how late the last polls came, at the median and at most, in seconds; None before the first
    late_median_s: float | None
    late_longest_s: float | None
    #: how long the most overdue source waits, in seconds; 0 if none does
    overdue_s: float


def load_overview(connection: Connection, now: datetime) -> Overview:
    """Return how the sources stand now."""
    late = list(connection.scalars(select(c.late_s).where(c.is_configured, c.late_s.is_not(None))))
    # a site may have asked all its sources to wait beyond their own time
    due_at = case((h.not_before > c.due_at, h.not_before), else_=c.due_at)
    query = select(func.min(due_at)).select_from(sources).outerjoin(hosts, h.name == c.host)
    oldest = connection.scalar(query.where(c.is_configured, ~c.is_gone, c.due_at <= now))
    is_offline = c.is_configured & (c.failure_kind == FailureKind.OFFLINE)
    rows, offline, last_success = connection.execute(
        select(
            *(func.count(), func.count(case((is_offline, 1)))),
            func.max(case((c.is_configured, c.last_success))),
        )
    ).one()
    return Overview(
        counts=count_states(connection),
        offline=offline,
        has_answered=last_success is not None,
        rows=rows,
        late_median_s=median(late) if late else None,
        late_longest_s=max(late) if late else None,
        overdue_s=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
    )
