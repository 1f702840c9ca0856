"""How all sources stand taken together, counted by the database: a few figures, however many there are.

Rows flow in, one Overview out. What each source does is in sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select

from aggregator.model import FailureKind
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
    #: when a poll last ended; None before the first
    last_poll: datetime | None
    #: how late the last polls came, at the median and at most, in seconds; None before the first
    late_median_s: float | None
    late_longest_s: float | None
    #: configured sources whose time has come, and that of their site, and that nobody polls now
    due: int
    #: how long the most overdue of them waits, in seconds; 0 if none does
    overdue_s: float


_STATES = {
    "gone": c.is_gone,
    "failing": and_(~c.is_gone, c.failures > 0),
    "ok": and_(~c.is_gone, c.failures == 0, c.last_success.is_not(None)),
    "new": and_(~c.is_gone, c.failures == 0, c.last_success.is_(None)),
}


def load_overview(connection: Connection, now: datetime) -> Overview:
    """Return how the sources stand now."""
    # a server may have asked one source, or all of its site, to wait beyond their own time
    own = case((c.not_before > c.due_at, c.not_before), else_=c.due_at)
    due_at = case((h.not_before > own, h.not_before), else_=own)
    is_free = or_(c.claimed_until.is_(None), c.claimed_until <= now)
    is_due = and_(c.is_configured, ~c.is_gone, due_at <= now, is_free)

    def count(condition: Any) -> Any:
        return func.count(case((condition, 1)))

    # rows are wide: all is counted on one way through them
    query = select(
        *(count(c.is_configured & condition).label(word) for word, condition in _STATES.items()),
        count(c.is_configured & (c.failure_kind == FailureKind.OFFLINE)).label("offline"),
        func.max(case((c.is_configured, c.last_success))).label("last_success"),
        func.count().label("rows"),
        func.max(c.last_poll).label("last_poll"),
        count(c.is_configured & c.late_s.is_not(None)).label("late"),
        func.max(case((c.is_configured, c.late_s))).label("latest"),
        count(is_due).label("due"),
        func.min(case((is_due, due_at))).label("oldest"),
    )
    row = connection.execute(query.select_from(sources).outerjoin(hosts, h.name == c.host)).one()
    return Overview(
        counts={word: found for word in _STATES if (found := row._mapping[word])},
        offline=row.offline,
        has_answered=row.last_success is not None,
        rows=row.rows,
        last_poll=row.last_poll,
        late_median_s=_median_lateness(connection, row.late),
        late_longest_s=row.latest,
        due=row.due,
        overdue_s=max(0.0, (now - row.oldest).total_seconds()) if row.oldest else 0.0,
    )


def _median_lateness(connection: Connection, count: int) -> float | None:
    """Return how late the last polls of *count* sources came at the median, in seconds; None if none did."""
    if not count:
        return None
    late = select(c.late_s).where(c.is_configured, c.late_s.is_not(None)).order_by(c.late_s)
    middle: Sequence[float] = connection.scalars(late.offset((count - 1) // 2).limit(2 - count % 2)).all()
    return median(middle)
