"""How all sources stand taken together, counted by the database: a few figures, however many there are.

Rows flow in, one Overview out. What each source does is in sources.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import Connection, and_, case, func, select

from aggregator.model import FailureKind
from aggregator.store.holders import is_free
from aggregator.store.tables import hosts, sources
from aggregator.store.tables.sources import unwell
from aggregator.store.types import AnyRow

c, h = sources.c, hosts.c
_STATES = ("gone", "failing", "ok", "new")


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


_UNWELL = (
    select(
        *(c.is_configured, c.is_gone, c.failures, c.failure_kind),
        c.last_success.is_(None).label("is_unanswered"),
        func.count().label("found"),
    )
    .where(unwell)
    .group_by(c.is_configured, c.is_gone, c.failures, c.failure_kind, c.last_success.is_(None))
)


def load_overview(connection: Connection, now: datetime) -> Overview:
    """Return how the sources stand now; those that are not simply well are counted by an index of theirs."""
    # a server may have asked one source, or all of its site, to wait beyond their own time
    own = case((c.not_before > c.due_at, c.not_before), else_=c.due_at)
    due_at = case((h.not_before > own, h.not_before), else_=own)
    is_due = and_(due_at <= now, c.is_configured, ~c.is_gone, is_free(sources, now))
    query = select(
        func.count().label("rows"),
        func.max(c.last_poll).label("last_poll"),
        func.count(case((c.is_configured, c.late_s))).label("late"),
        func.max(case((c.is_configured, c.late_s))).label("latest"),
        func.count(case((is_due, 1))).label("due"),
        func.min(case((is_due, due_at))).label("oldest"),
    )
    row = connection.execute(query.select_from(sources).outerjoin(hosts, h.name == c.host)).one()
    rows = connection.execute(_UNWELL).all()
    counts = Counter(ok=row.rows - sum(one.found for one in rows))
    configured = [one for one in rows if one.is_configured]
    for one in configured:
        counts[_state_of(one)] += one.found
    return Overview(
        counts={word: counts[word] for word in _STATES if counts[word]},
        offline=sum(one.found for one in configured if one.failure_kind == FailureKind.OFFLINE),
        has_answered=counts["ok"] > 0 or not all(one.is_unanswered for one in configured),
        rows=row.rows,
        last_poll=row.last_poll,
        late_median_s=_median_lateness(connection, row.late),
        late_longest_s=row.latest,
        due=row.due,
        overdue_s=max(0.0, (now - row.oldest).total_seconds()) if row.oldest else 0.0,
    )


def _state_of(row: AnyRow) -> str:
    if row.is_gone:
        return "gone"
    if row.failures:
        return "failing"
    return "new" if row.is_unanswered else "ok"


def _median_lateness(connection: Connection, count: int) -> float | None:
    """Return how late the last polls of *count* sources came at the median, in seconds; None if none did."""
    if not count:
        return None
    late = select(c.late_s).where(c.is_configured, c.late_s.is_not(None)).order_by(c.late_s)
    middle: Sequence[float] = connection.scalars(late.offset((count - 1) // 2).limit(2 - count % 2)).all()
    return median(middle)
