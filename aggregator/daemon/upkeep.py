"""What a worker does to the store besides its polls: claims of the dead, plans by a wrong clock, old days.

All of it is done in short transactions. None looks at sources' documents.
"""

from __future__ import annotations

import time
from datetime import datetime

from aggregator.daemon.storethread import StoreThread
from aggregator.pipeline.ranking import age_feeds
from aggregator.schedule.cadence import price_for
from aggregator.schedule.rhythm import load_rhythm
from aggregator.store.articles.retention import MOST, maintain
from aggregator.store.clock import plan_by
from aggregator.store.engine import Connection, Engine, reading
from aggregator.store.outgoing.newsletters import forget_old_mail
from aggregator.store.sources.claims import release_dead
from aggregator.store.sources.hosts import forget_old_days
from aggregator.store.sources.states import list_paces

#: how long rounds of housekeeping may follow one another
LONGEST_S = 300.0


def free_and_plan(connection: Connection, now: datetime, *, is_alone: bool) -> None:
    """Free what a killed worker left claimed, and plan anew what it planned by a wrong clock.

    Args:
        is_alone: the caller is the only worker there can be, and has claimed nothing yet.
    """
    plan_by(connection, now)
    release_dead(connection, is_alone=is_alone)


async def keep_house(store: StoreThread, now: datetime) -> None:
    """Do housekeeping in rounds until all is done, or for LONGEST_S; polls are stored between two rounds."""
    began = time.monotonic()
    while await store.call(maintain, store.engine, now) == MOST:
        if time.monotonic() - began >= LONGEST_S:
            break
    await store.call(age_feeds, store.engine, now)
    await store.write(_forget_old, now)


def _forget_old(connection: Connection, now: datetime) -> None:
    forget_old_days(connection, now)
    forget_old_mail(connection, now)


def price_within(engine: Engine, per_hour: int, now: datetime) -> float:
    """Return the price at which the sources' rhythms ask for at most *per_hour* requests in all."""
    with reading(engine) as connection:
        paces = list_paces(connection)
    written = sum(3600 / every_s for every_s, _ in paces if every_s)
    rates = [load_rhythm(rhythm).per_day(now) for every_s, rhythm in paces if not every_s]
    return price_for(rates, max(per_hour - written, 0.0))
