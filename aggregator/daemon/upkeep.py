"""What a worker does to the store besides its polls: claims of the dead, plans by a wrong clock, old days.

All of it is done in short transactions on the store's thread. None looks at sources' documents.
"""

from __future__ import annotations

import time
from datetime import datetime

from aggregator.daemon.storethread import StoreThread
from aggregator.pipeline.ranking import age_feeds
from aggregator.store.articles.retention import MOST, maintain
from aggregator.store.clock import plan_by
from aggregator.store.engine import Connection
from aggregator.store.outgoing.newsletters import forget_old_mail
from aggregator.store.sources.claims import release_dead
from aggregator.store.sources.hosts import forget_old_days

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
