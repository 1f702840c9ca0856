"""The tables of what goes out by itself: newsletters with their readers, and webhooks."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from aggregator.store.tables.metadata import Id, metadata, reference
from aggregator.store.types import Instant, Words

#: who gets which newsletter; rows stay when somebody leaves, so that nobody is added back unasked
subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("newsletter", Words, nullable=False),
    Column("address", Words, nullable=False),
    #: hash of newsletter and folded address
    Column("identity", LargeBinary, nullable=False, unique=True),
    Column("token", Words, nullable=False, unique=True),
    #: asked, subscribed, unsubscribed, bounced
    Column("state", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("changed_at", Instant, nullable=False),
    #: when it was last asked whether it wants to subscribe
    Column("asked_at", Instant),
    sqlite_autoincrement=True,
)
Index("subscribers_newsletter", subscribers.c.newsletter, subscribers.c.state)

#: every edition there was, also those that went to nobody
newsletter_editions = Table(
    "newsletter_editions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("newsletter", Words, nullable=False),
    Column("due_at", Instant, nullable=False),
    #: its articles entered the feed after the first and up to the second
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    UniqueConstraint("newsletter", "due_at"),
    sqlite_autoincrement=True,
)

#: messages to send: an edition to a subscriber, or (without edition) the question whether it wants any
mailings = Table(
    "mailings",
    metadata,
    Column("id", Id, primary_key=True),
    reference("edition_id", "newsletter_editions", index=True),
    reference("subscriber_id", "subscribers", nullable=False, index=True),
    #: waiting, sending, sent, failed
    Column("state", Words, nullable=False),
    #: null once it is done
    Column("due_at", Instant, index=True),
    Column("tries", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    UniqueConstraint("edition_id", "subscriber_id"),
    sqlite_autoincrement=True,
)

#: how far each webhook has been told of its feed
webhooks = Table(
    "webhooks",
    metadata,
    Column("slug", Words, primary_key=True),
    reference("feed_id", "feeds", nullable=False, index=True),
    Column("told", BigInteger, nullable=False),
    #: when there was last nothing more to tell
    Column("told_at", Instant, nullable=False),
)

#: deliveries that are still to be made
webhook_calls = Table(
    "webhook_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("webhook", Words, ForeignKey("webhooks.slug", ondelete="CASCADE"), nullable=False, index=True),
    reference("article_id", "articles", nullable=False, index=True),
    Column("due_at", Instant, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    sqlite_autoincrement=True,
)
