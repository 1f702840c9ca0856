"""The tables of pushing: our hub and its subscribers, our subscriptions at others' hubs, and the inbox."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table

from aggregator.store.tables.metadata import Id, metadata, reference
from aggregator.store.types import Instant, Words

#: feeds somebody is subscribed to, with the content version that was last handed out
hub_topics = Table(
    "hub_topics",
    metadata,
    reference("feed_id", "feeds", primary_key=True, autoincrement=False),
    Column("version", Words, nullable=False),
)

#: what was asked of our hub and waits for the callback's word
hub_requests = Table(
    "hub_requests",
    metadata,
    Column("id", Id, primary_key=True),
    #: hash of callback and topic: the last wish of a callback counts
    Column("identity", LargeBinary, nullable=False, unique=True),
    Column("mode", Words, nullable=False),
    Column("callback", Words, nullable=False),
    Column("host", Words, nullable=False, index=True),
    Column("topic", Words, nullable=False),
    reference("feed_id", "feeds", nullable=False, index=True),
    Column("suffix", Words, nullable=False),
    Column("lease_s", Integer, nullable=False),
    Column("secret", Words),
    Column("due_at", Instant, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("claim_token", Words),
    Column("claimed_until", Instant),
    sqlite_autoincrement=True,
)

#: who is told when a feed changes: confirmed subscribers, or the hub of somebody else
hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("identity", LargeBinary, nullable=False, unique=True),
    Column("callback", Words, nullable=False),
    Column("host", Words, nullable=False),
    Column("topic", Words, nullable=False),
    reference("feed_id", "feeds", nullable=False, index=True),
    Column("suffix", Words, nullable=False),
    Column("secret", Words),
    #: null: a hub of somebody else, told as long as it is configured
    Column("expires_at", Instant, index=True),
    #: the content version it should have; what it has, while due_at is null
    Column("version", Words, nullable=False),
    #: null: it has everything
    Column("due_at", Instant),
    Column("failures", Integer, nullable=False),
    #: it kept us waiting, or failed: it may not hold up others
    Column("is_slow", Boolean, nullable=False),
    Column("delivered_at", Instant),
    Column("reason", Words, nullable=False),
    Column("claim_token", Words),
    Column("claimed_until", Instant, index=True),
    sqlite_autoincrement=True,
)
_waiting = hub_subscriptions.c.due_at.is_not(None)
Index("hub_subscriptions_due", hub_subscriptions.c.due_at, hub_subscriptions.c.id, sqlite_where=_waiting)

#: where publishers say that their feeds are pushed
push_offers = Table(
    "push_offers",
    metadata,
    reference("source_id", "sources", primary_key=True, autoincrement=False),
    Column("topic", Words, nullable=False),
    #: URLs, joined by line breaks
    Column("hubs", Words, nullable=False),
    #: it was looked at since it last changed
    Column("is_planned", Boolean, nullable=False, index=True),
)

#: ours, at hubs of others
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    reference("source_id", "sources", nullable=False, index=True),
    Column("callback", Words, nullable=False, unique=True),
    Column("topic", Words, nullable=False),
    Column("hub", Words, nullable=False),
    Column("secret", Words, nullable=False),
    #: asking, live, denied, leaving
    Column("state", Words, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("expires_at", Instant),
    Column("delivered_at", Instant),
    #: it delivers: what is new came through it, not by polling
    Column("is_proven", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("claim_token", Words),
    Column("claimed_until", Instant),
    sqlite_autoincrement=True,
)

#: what was pushed to us and is not yet taken in
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    reference("source_id", "sources", nullable=False, index=True),
    Column("topic", Words, nullable=False),
    Column("content_type", Words, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
