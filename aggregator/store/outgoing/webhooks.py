"""Webhooks: how far each was told of its feed, and which deliveries are still to be made.

A delivery is written when an article has entered the feed, in the transaction that moves the mark;
it is claimed by moving its due time, and removed once it was taken or given up.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from aggregator.model import FeedHead
from aggregator.model.outgoing import Call
from aggregator.store.outgoing.entered import next_entered
from aggregator.store.rows import insert_or_replace, value_of, write_rows
from aggregator.store.tables import feeds, webhook_calls, webhooks

w, c = webhooks.c, webhook_calls.c
#: seconds to the next attempt; after the last a delivery is given up
RETRY_S = (15, 60, 300, 1800, 7200, 28_800, 86_400)
#: a poll waits so long for the database at most; and so often it is noted that there was nothing to tell
SLACK = timedelta(minutes=5)
#: attempts that what came later waits for, over half an hour: then the delivery and not the receiver is odd
IN_ORDER = 4
#: deliveries written at once for one webhook, oldest first; the rest follows
MOST = 200


def note_entered(connection: Connection, slug: str, head: FeedHead, now: datetime) -> None:
    """Write a delivery for each article that entered since, copies told once.

    What was seen before the webhook was last up to date was brought in by a changed rule, which makes
    nothing new. A webhook seen for the first time, or moved to another feed, begins with what comes next.
    """
    entered = connection.scalar(select(feeds.c.last_entered).where(feeds.c.id == head.id)) or 0
    row = connection.execute(select(webhooks).where(w.slug == slug).with_for_update()).one_or_none()
    if row is None or row.feed_id != head.id:
        begun = {"slug": slug, "feed_id": head.id, "told": entered, "told_at": now}
        statement = insert_or_replace(connection, webhooks, "feed_id", "told", "told_at")
        write_rows(connection, statement, [begun])
        return
    if row.told >= entered and abs(now - row.told_at) < SLACK:
        return
    # what was told later than now was told by a clock that was wrong
    since = min(row.told_at, now) - SLACK
    fresh = next_entered(connection, head, row.told, since, MOST)
    is_all = len(fresh) < MOST
    told = {"told": entered, "told_at": now} if is_all else {"told": fresh[-1][1]}
    connection.execute(update(webhooks).where(w.slug == slug).values(**told))
    new = {"webhook": slug, "due_at": now, "tries": 0, "reason": ""}
    rows = [{"article_id": article_id, **new} for article_id, _ in fresh]
    if rows:
        connection.execute(webhook_calls.insert(), rows)


def claim_call(connection: Connection, slug: str, now: datetime, *, seconds: float) -> Call | None:
    """Claim the delivery to a webhook that came first and is due; who dies frees it after *seconds*.

    None while another is under way or waits for its next attempt: they are made in the order of arrival.
    """
    own = select(w.slug).where(w.slug == slug).with_for_update(skip_locked=True)
    waited_for = select(c.id).where(c.webhook == slug, c.due_at > now, c.tries.between(1, IN_ORDER)).limit(1)
    if connection.scalar(own) is None or connection.scalar(waited_for) is not None:
        return None
    due = select(webhook_calls).where(c.webhook == slug, c.due_at <= now).order_by(c.id).limit(1)
    row = connection.execute(due).one_or_none()
    if row is None:
        return None
    claim = update(webhook_calls).where(c.id == row.id)
    connection.execute(claim.values(due_at=now + timedelta(seconds=seconds), tries=c.tries + 1))
    return value_of(Call, row)


def forget_calls(connection: Connection, known: Collection[str]) -> None:
    """Forget what was to be told to webhooks that are not *known* any more."""
    connection.execute(delete(webhook_calls).where(c.webhook.not_in(known)))


def note_delivered(connection: Connection, call: Call) -> None:
    """Note that a delivery was taken, or is not to be made."""
    connection.execute(delete(webhook_calls).where(c.id == call.id))


def note_refused(connection: Connection, call: Call, reason: str, now: datetime, wait_s: float = 0) -> bool:
    """Note a failed attempt; False once the delivery is given up. The next comes after *wait_s* at least."""
    if call.tries >= len(RETRY_S):
        note_delivered(connection, call)
        return False
    again = now + timedelta(seconds=max(RETRY_S[call.tries], wait_s))
    connection.execute(update(webhook_calls).where(c.id == call.id).values(due_at=again, reason=reason))
    return True
