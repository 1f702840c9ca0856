"""The budget of requests: what all sources together may cost in an hour becomes the price of one poll."""

from __future__ import annotations

from datetime import datetime

from aggregator.schedule.cadence import price_for
from aggregator.schedule.rhythm import load_rhythm
from aggregator.store.engine import Engine, reading
from aggregator.store.sources.states import list_paces


def price_within(engine: Engine, per_hour: int, now: datetime) -> float:
    """Return the price at which the sources' rhythms ask for at most *per_hour* requests in all."""
    with reading(engine) as connection:
        paces = list_paces(connection)
    written = sum(3600 / every_s for every_s, _ in paces if every_s)
    rates = [load_rhythm(rhythm).per_day(now) for every_s, rhythm in paces if not every_s]
    return price_for(rates, max(per_hour - written, 0.0))
