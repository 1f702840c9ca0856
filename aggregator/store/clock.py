"""A clock that was set back: what the store planned by the wrong time is planned anew.

In: the true time. Out: sources that are asked again. A machine that starts with a clock a day
ahead would otherwise, once corrected, poll nothing for a day. Articles keep their dates.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, update

from aggregator.store.holders import FREE
from aggregator.store.tables import (
    hosts,
    hub_requests,
    hub_subscriptions,
    mailings,
    sources,
    subscriptions,
    webhook_calls,
)

#: no claim and no spacing reaches further into the future
LONGEST = timedelta(hours=1)
#: no message and no call of ours is put off for longer
PUT_OFF = timedelta(hours=25)
#: clocks of several machines may differ by this much
SLACK = timedelta(minutes=5)

c, h = sources.c, hosts.c


def plan_by(connection: Connection, now: datetime) -> int:
    """Make due what was polled in the future, end its claims, and return how many sources that were."""
    for table in (sources, subscriptions, hub_requests, hub_subscriptions):
        wrong = update(table).where(table.c.claimed_until > now + LONGEST)
        connection.execute(wrong.values(FREE))
    # no delivery of ours is put off for longer
    late = update(hub_subscriptions).where(hub_subscriptions.c.due_at > now + LONGEST)
    connection.execute(late.values(due_at=now))
    for table in (mailings, webhook_calls):
        put_off = update(table).where(table.c.due_at > now + PUT_OFF)
        connection.execute(put_off.values(due_at=now))
    connection.execute(update(hosts).where(h.free_at > now + LONGEST).values(free_at=None))
    is_future = or_(c.last_poll > now + SLACK, c.last_success > now + SLACK)
    planned = {"due_at": now, "not_before": None, "last_poll": now, "next_why": "the clock was set back"}
    done = connection.execute(update(sources).where(is_future).values(planned))
    connection.execute(update(sources).where(c.last_success > now + SLACK).values(last_success=now))
    return int(done.rowcount)
