"""The tables behind published feeds: their past, their authors, what opens the private ones.

The other tables are in tables.py, of the same metadata.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from aggregator.store.metadata import Id, metadata
from aggregator.store.types import Instant, Words

#: the closed parts of a feed's past, cut by the numbers of entry
archives = Table(
    "archives",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("closed_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changes", Integer, nullable=False),
    sqlite_with_rowid=False,
)

#: entries as they were when an archive was closed, where they changed since
revisions = Table(
    "revisions",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("replaced_at", Instant, primary_key=True),
    Column("changed_at", Instant, nullable=False),
    Column("sort_date", Instant, nullable=False),
    Column("entry", LargeBinary, nullable=False),
)

#: what entered a time-shaped feed at each set time; where nothing had come, last is below first
issues = Table(
    "issues",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("uid", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    UniqueConstraint("feed_id", "at"),
    sqlite_with_rowid=False,
)

#: what was taken back from a feed: the feed goes on saying so
withdrawals = Table(
    "withdrawals",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", Id, primary_key=True, autoincrement=False),
    Column("published_id", Words, nullable=False),
    Column("entered", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: whose names stand under which articles
bylines = Table(
    "bylines",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("sort_date", Instant, nullable=False),
    Column("name", Words, nullable=False),
    sqlite_with_rowid=False,
)
Index("bylines_newest", bylines.c.slug, bylines.c.sort_date, bylines.c.article_id)

#: what opens a private feed; only hashes are kept
tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
