"""The tables of published feeds: what is in them, their past, their authors, what opens the private ones."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
    false,
)

from aggregator.store.tables.metadata import Id, metadata, reference
from aggregator.store.types import Instant, Words

#: everything published: feeds, topics, and every source by itself
feeds = Table(
    "feeds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("slug", Words, nullable=False),
    reference("source_id", "sources", unique=True),
    Column("uid", Words, nullable=False),
    #: JSON of the topic or feed as configured; null for a source
    Column("settings", Words),
    Column("position", Integer, nullable=False),
    Column("is_configured", Boolean, nullable=False),
    #: its rule changed, or went, and stored articles were not yet judged by the new ones
    Column("is_pending", Boolean, nullable=False),
    Column("version", Words, nullable=False),
    Column("changed_at", Instant),
    Column("last_entered", BigInteger, nullable=False),
    #: hash of what shows beside its articles
    Column("look", Words, nullable=False, server_default=""),
    # the live document and the archives behind it
    Column("recent_from", Instant),
    Column("archived_to", BigInteger, nullable=False, server_default="0"),
    Column("archive_count", Integer, nullable=False, server_default="0"),
    # entries of one archive; and whether issues are made at set times
    Column("span", Integer, nullable=False, server_default="50"),
    Column("is_timed", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("kind", "slug"),
    sqlite_autoincrement=True,
)
_of_source, _made = feeds.c.source_id.is_not(None), feeds.c.source_id.is_(None)
Index("feeds_made", feeds.c.id, sqlite_where=_made)
Index("feeds_changed", feeds.c.changed_at, feeds.c.id, sqlite_where=_of_source)

#: one article's place in one feed
placements = Table(
    "placements",
    metadata,
    reference("feed_id", "feeds", primary_key=True),
    reference("article_id", "articles", primary_key=True, index=True),
    Column("sort_date", Instant, nullable=False),
    Column("entered", BigInteger, nullable=False),
    Column("entered_at", Instant, nullable=False),
    #: when it entered, or last changed in a way that subscribers should hear of
    Column("touched_at", Instant, nullable=False),
    Column("why", Words, nullable=False),
    sqlite_with_rowid=False,
)
Index("placements_touched", placements.c.feed_id, placements.c.touched_at)
Index("placements_entered", placements.c.feed_id, placements.c.entered)
Index("placements_newest", placements.c.feed_id, placements.c.sort_date, placements.c.article_id)

#: the closed parts of a feed's past, cut by the numbers of entry
archives = Table(
    "archives",
    metadata,
    reference("feed_id", "feeds", primary_key=True),
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
    reference("article_id", "articles", primary_key=True),
    Column("replaced_at", Instant, primary_key=True),
    Column("changed_at", Instant, nullable=False),
    Column("sort_date", Instant, nullable=False),
    Column("entry", LargeBinary, nullable=False),
)

#: what entered a time-shaped feed at each set time; where nothing had come, last is below first
issues = Table(
    "issues",
    metadata,
    reference("feed_id", "feeds", primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("uid", Words, nullable=False),
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
    reference("feed_id", "feeds", primary_key=True),
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
    Column("slug", Words, primary_key=True),
    reference("article_id", "articles", primary_key=True, index=True),
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
    reference("feed_id", "feeds", nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
