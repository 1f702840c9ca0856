"""A clock that was set back: what the store planned by the wrong time is planned anew.

In: the true time. Out: sources that are asked again. A machine that starts with a clock a day
ahead would otherwise, once corrected, poll nothing for a day. Articles keep their dates.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, delete, or_, type_coerce, update

from aggregator.store.holders import FREE
from aggregator.store.tables import (
    hosts,
    hub_requests,
    hub_subscriptions,
    mailings,
    page_texts,
    robots,
    sources,
    subscriptions,
    webhook_calls,
)
from aggregator.store.types import micros

#: no claim and no spacing reaches further into the future
LONGEST = timedelta(hours=1)
#: no message or page of ours is put off for longer, and no robots.txt kept
PUT_OFF = timedelta(hours=25)
#: nobody is left alone for longer than a server may ask for, no hub that denied us asked later
LEFT_ALONE, DENIED = timedelta(days=2, hours=1), timedelta(days=7, hours=1)
#: clocks of several machines may differ by this much
SLACK = timedelta(minutes=5)

c, h, s = sources.c, hosts.c, subscriptions.c
#: how far ahead what waits may be due
_FURTHEST = (
    (hub_requests.c.due_at, LONGEST),
    *((table.c.due_at, PUT_OFF) for table in (mailings, page_texts)),
    *((table.c.due_at, LEFT_ALONE) for table in (webhook_calls, hub_subscriptions)),
)


def plan_by(connection: Connection, now: datetime) -> int:
    """Make due what was polled in the future, end its claims, and return how many sources that were."""
    for table in (sources, subscriptions, hub_requests, hub_subscriptions):
        wrong = update(table).where(table.c.claimed_until > now + LONGEST)
        connection.execute(wrong.values(FREE))
    for column, furthest in _FURTHEST:
        connection.execute(update(column.table).where(column > now + furthest).values(due_at=now))
    connection.execute(delete(robots).where(robots.c.until > now + PUT_OFF))
    connection.execute(update(hosts).where(h.free_at > now + LONGEST).values(free_at=None))
    connection.execute(update(hosts).where(h.not_before > now + LEFT_ALONE).values(not_before=None))
    _ask_hubs(connection, now)
    is_future = or_(c.last_poll > now + SLACK, c.last_success > now + SLACK)
    # what is gone stays so, and why
    planned = {"due_at": now, "not_before": None, "next_why": "the clock was set back"}
    connection.execute(update(sources).where(is_future, ~c.is_gone).values(planned))
    done = connection.execute(update(sources).where(is_future).values(last_poll=now))
    connection.execute(update(sources).where(c.last_success > now + SLACK).values(last_success=now))
    return int(done.rowcount)


def _ask_hubs(connection: Connection, now: datetime) -> None:
    """Renew leases that hubs gave in the future: they end sooner than we think. Ask again who denied then."""
    due, end = (type_coerce(column, BigInteger) for column in (s.due_at, s.expires_at))
    # it is renewed after four fifths of its time: so it is known when it began; once it is, at its end
    is_future = (s.state == "live") & (end > due) & (due * 5 - end * 4 > micros(now + SLACK))
    is_put_off = (s.state != "live") & (s.due_at > now + DENIED)
    connection.execute(update(subscriptions).where(is_future | is_put_off).values(due_at=now))
