"""The pulse: how the whole store stands at one moment, for metrics and readiness.

In: a moment. Out: one value; nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from aggregator.model.push import PushCounts
from aggregator.store.counters import Counts
from aggregator.store.overview import Overview, load_overview
from aggregator.store.problems import count_open
from aggregator.store.push.pushview import count_pushes
from aggregator.store.tables import articles, counters

#: sources, and articles, for which a pulse stands a second: about a thirtieth of the time goes into counting
SOURCES_A_SECOND, ARTICLES_A_SECOND = 25_000, 2_500_000


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the store stands at one moment."""

    counts: Counts
    overview: Overview
    #: of all sources
    articles: int
    pushes: PushCounts
    #: open problems by kind
    problems: Mapping[str, int]

    @property
    def stands_s(self) -> float:
        """Seconds for which it may be told again: the more there is to count, the longer."""
        return self.overview.rows / SOURCES_A_SECOND + self.articles / ARTICLES_A_SECOND


def take_pulse(connection: Connection, now: datetime) -> Pulse:
    """Return how the store stands now."""
    rows = connection.execute(select(counters.c.name, counters.c.label, counters.c.total))
    return Pulse(
        counts={(row.name, row.label): row.total for row in rows},
        overview=load_overview(connection, now),
        articles=connection.scalar(select(func.count()).select_from(articles)) or 0,
        pushes=count_pushes(connection, now),
        problems=count_open(connection),
    )
