"""What a worker does to the store besides its polls: claims of the dead, plans by a wrong clock, old days.

What is done is done in short transactions on the thread that speaks SQL. None looks at sources' documents.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aggregator.store.articles.retention import MOST, maintain
from aggregator.store.clock import plan_by
from aggregator.store.engine import Engine, writing
from aggregator.store.sources.claims import is_any_unread, release_dead
from aggregator.store.sources.hosts import forget_old_days

#: how long rounds of housekeeping may follow one another
LONGEST_S = 300.0


def begin(engine: Engine) -> bool:
    """Free what a killed worker left claimed, and what it planned by a wrong clock; before any claim.

    Returns whether there will be documents to read at once.
    """
    now = datetime.now(UTC)
    with writing(engine) as connection:
        plan_by(connection, now)
        # a file has one worker, and that is us
        release_dead(connection, is_alone=engine.dialect.name == "sqlite")
        return is_any_unread(connection, now)


def free_dead(engine: Engine) -> None:
    """Free what processes of this machine had claimed that were killed since."""
    with writing(engine) as connection:
        release_dead(connection, is_alone=False)


def plan_by_clock(engine: Engine) -> None:
    """Plan anew what was planned by a clock that was ahead."""
    with writing(engine) as connection:
        plan_by(connection, datetime.now(UTC))


async def keep_house(in_store: Callable[..., Awaitable[int]], engine: Engine, now: datetime) -> int:
    """Do housekeeping in rounds until all is done, or for *LONGEST_S*; return how many articles left.

    Args:
        in_store: calls a function on the thread that speaks SQL; polls are stored between two rounds.
    """
    left, began = 0, time.monotonic()
    while (gone := await in_store(maintain, engine, now)) == MOST and time.monotonic() - began < LONGEST_S:
        left += gone
    await in_store(forget_days, engine, now)
    return left + gone


def forget_days(engine: Engine, now: datetime) -> None:
    """Forget what sites were asked long ago."""
    with writing(engine) as connection:
        forget_old_days(connection, now)
