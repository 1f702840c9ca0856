"""Pushing, for people who look: our subscriptions at hubs, and the subscribers of ours.

In: a moment. Out: counts, or a line for each; secrets and the addresses of callbacks stay inside.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, or_, select

from aggregator.model.push import PushCounts, PushView, SubscriptionLine, TopicLine
from aggregator.store.rows import value_of
from aggregator.store.tables import hub_requests, hub_subscriptions, sources, subscriptions

s, h = subscriptions.c, hub_subscriptions.c
STATES = ("live", "asking", "denied", "leaving")
_NOW = bindparam("now", type_=h.due_at.type)
_IN_FORCE = or_(h.expires_at.is_(None), h.expires_at > _NOW)
_COUNTED = (
    func.count().label("subscribers"),
    func.coalesce(func.sum(case((h.failures > 0, 1), else_=0)), 0).label("failing"),
    func.coalesce(func.sum(case((h.due_at <= _NOW, 1), else_=0)), 0).label("waiting"),
    func.min(h.expires_at).label("next_end"),
)


def count_pushes(connection: Connection, now: datetime) -> PushCounts:
    """Return how much is pushed, in both directions."""
    states = dict.fromkeys(STATES, 0)
    renewal = None
    by_state = select(s.state, func.count(), func.min(s.due_at)).group_by(s.state)
    for state, count, due_at in connection.execute(by_state):
        states[state] = count
        renewal = due_at if state == "live" else renewal
    row = connection.execute(select(*_COUNTED).where(_IN_FORCE), {"now": now}).one()
    asked = connection.scalar(select(func.count()).select_from(hub_requests)) or 0
    return value_of(PushCounts, row, subscriptions=states, next_renewal=renewal, asked=asked)


def view_pushes(connection: Connection, now: datetime) -> PushView:
    """Return who pushes to us and to whom we push."""
    wanted = (s.hub, s.state, s.is_proven, s.expires_at, s.due_at, s.delivered_at, s.reason)
    ours = select(sources.c.slug.label("source"), *wanted).join(sources, sources.c.id == s.source_id)
    seen = (func.max(h.delivered_at).label("delivered_at"), func.max(h.reason).label("reason"))
    topics = select(h.topic, *_COUNTED, *seen).where(_IN_FORCE).group_by(h.topic).order_by(h.topic)
    rows = connection.execute(ours.order_by(sources.c.slug, s.id))
    return PushView(
        counts=count_pushes(connection, now),
        subscriptions=tuple(value_of(SubscriptionLine, row) for row in rows),
        topics=tuple(value_of(TopicLine, row) for row in connection.execute(topics, {"now": now})),
    )
