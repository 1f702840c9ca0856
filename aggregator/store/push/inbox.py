"""The inbox: what hubs pushed to us, from its arrival until it is taken in.

In: a callback's name and what came there. Out: deliveries with the claim on their source; the
transaction that takes one in removes it. Per source they are taken in one by one, in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from aggregator.model.push import Delivery, Subscription
from aggregator.store.rows import value_of
from aggregator.store.sources.claims import claim_anyway
from aggregator.store.tables import inbox, sources, subscriptions

i, s, c = inbox.c, subscriptions.c, sources.c
#: what may wait: of one source, and in all
MOST_OF_SOURCE, MOST_WAITING = 32, 4000


def find_subscription(connection: Connection, callback: str) -> Subscription | None:
    """Return whose callback this is; None if it is nobody's.

    What is "live" takes deliveries; "asking" too: a hub may push before we have written down its call.
    """
    row = connection.execute(select(subscriptions).where(s.callback == callback)).one_or_none()
    return value_of(Subscription, row, token="") if row else None


def keep_delivery(
    connection: Connection, subscription: Subscription, body: bytes, content_type: str, now: datetime
) -> bool:
    """Keep what was delivered until a worker takes it in; False while too much waits already."""
    waiting = select(func.count()).select_from(inbox)
    if (connection.scalar(waiting.where(i.source_id == subscription.source_id)) or 0) >= MOST_OF_SOURCE:
        return False
    if (connection.scalar(waiting) or 0) >= MOST_WAITING:
        return False
    connection.execute(
        insert(inbox).values(
            source_id=subscription.source_id,
            topic=subscription.topic,
            content_type=content_type,
            body=body,
        )
    )
    proven = update(subscriptions).where(s.id == subscription.id)
    connection.execute(proven.values(delivered_at=now, is_proven=True))
    return True


def is_mail_waiting(connection: Connection) -> bool:
    """Tell whether anything waits to be taken in."""
    return connection.scalar(select(i.id).limit(1)) is not None


def claim_deliveries(
    connection: Connection, now: datetime, *, limit: int, seconds: float
) -> tuple[Delivery, ...]:
    """Claim the oldest delivery of each source that nobody polls now, with the source.

    What came for a source that left, or is gone, is removed.
    """
    left = select(c.id).where(or_(~c.is_configured, c.is_gone))
    connection.execute(delete(inbox).where(i.source_id.in_(left)))
    oldest = select(func.min(i.id)).group_by(i.source_id).order_by(func.min(i.id)).limit(limit)
    ids = list(connection.scalars(oldest))
    if not ids:
        return ()
    rows = {row.source_id: row for row in connection.execute(select(inbox).where(i.id.in_(ids)))}
    claims = claim_anyway(connection, list(rows), now, seconds=seconds)
    return tuple(value_of(Delivery, rows[claim.source_id], claim=claim) for claim in claims)


def remove_deliveries(connection: Connection, ids: Sequence[int]) -> None:
    """Forget deliveries that were taken in, or cannot be."""
    if ids:
        connection.execute(delete(inbox).where(i.id.in_(ids)))
