"""Turns: of several processes with the same chore, one does it each time it is due.

In: a chore and how often it is done. Out: whether this process does it now. A turn is a row with
a time, no lock and no state of a session, so a pooler may hand each transaction another connection,
and whoever dies in the middle only leaves the chore to the next turn.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_

from aggregator.store.dialect import insert
from aggregator.store.engine import Engine, writing
from aggregator.store.tables import turns

t = turns.c
#: processes look a little early or late: a turn this much too early is taken, too
EARLY = 0.1


def is_my_turn(engine: Engine, chore: str, every_s: float, now: datetime) -> bool:
    """Take the turn if it is due; return whether it is this process's now.

    A turn taken in the future, by a clock that was wrong, binds nobody.

    Args:
        every_s: how often the chore is done, by all processes together.
    """
    with writing(engine) as connection:
        return _take(connection, chore, now, every_s)


def take_one_of(engine: Engine, chore: str, count: int, every_s: float, now: datetime) -> bool:
    """Take one of *count* turns, each of which comes again after *every_s*; return whether one was free.

    A limit that all processes keep together: *count* times in *every_s* seconds.
    """
    with writing(engine) as connection:
        return any(_take(connection, f"{chore} {number}", now, every_s) for number in range(count))


def _take(connection: Connection, chore: str, now: datetime, every_s: float) -> bool:
    due = now - timedelta(seconds=every_s * (1 - EARLY))
    statement = insert(connection, turns).values(chore=chore, taken_at=now)
    is_due = or_(t.taken_at <= due, t.taken_at > now + timedelta(seconds=every_s))
    taken = statement.on_conflict_do_update(
        index_elements=["chore"], set_={"taken_at": statement.excluded.taken_at}, where=is_due
    )
    return connection.execute(taken.returning(t.chore)).first() is not None
