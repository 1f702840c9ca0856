"""The tables, as the newest migration leaves them (a test keeps the two equal).

Rows flow through the modules beside this one; nothing else in the project knows a column.
URLs and ids of publishers have any length, so indexes hold their hashes instead.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    and_,
    false,
    true,
)

from aggregator.model import Configuration, FeedInfo, Hints, Source
from aggregator.store import chore_tables, feed_tables, page_tables, story_tables
from aggregator.store.metadata import Id, metadata
from aggregator.store.types import Frozen, Instant, Words

__all__ = ["Id", "chore_tables", "feed_tables", "metadata", "page_tables", "story_tables"]

#: the one applied configuration; its sources are rows of their own
applied = Table(
    "applied",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("host", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("configuration", Frozen(Configuration), nullable=False),
    #: hash of what of it shows in every feed
    Column("look", Text, nullable=False),
    #: stored articles are judged again up to this id; null when none are
    Column("judged", BigInteger),
)

sources = Table(
    "sources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    # what the person configured
    Column("url", Words, nullable=False),
    Column("name", Words),
    Column("handle", Words),
    Column("settings", Frozen(Source), nullable=False),
    #: seconds an article is kept after it left the document; here too, for one query over all
    Column("keep_s", BigInteger, nullable=False),
    Column("reads_pages", Boolean, nullable=False, server_default=false()),
    Column("place", Words, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_configured", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Column("first_url", Words, nullable=False),
    # what the last document said
    Column("info", Frozen(FeedInfo)),
    Column("hints", Frozen(Hints)),
    Column("entry_count", Integer),
    Column("imported_at", Instant),
    Column("document_at", Instant),
    # where and how to ask; "host" is the group that shares a budget
    Column("host", Words, nullable=False),
    Column("moved_url", Words),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("validators_url", Words),
    Column("body_hash", Text),
    # moves seen but not yet believed
    Column("sighted_url", Words),
    Column("sighted_first", Instant),
    Column("sighted_last", Instant),
    Column("sighted_count", Integer, nullable=False),
    #: who says so: "redirect" or "document"
    Column("sighted_by", Text),
    # when to ask
    Column("due_at", Instant, nullable=False),
    Column("not_before", Instant),
    Column("next_why", Words, nullable=False),
    Column("rhythm", Text),
    Column("claim_token", Text),
    Column("claimed_until", Instant),
    # how it went
    Column("last_poll", Instant),
    Column("last_success", Instant),
    Column("failures", Integer, nullable=False),
    Column("failure_kind", Text),
    Column("reason", Words),
    Column("is_gone", Boolean, nullable=False),
    #: seconds the last poll came after its time; null if it was not planned
    Column("late_s", Float),
    sqlite_autoincrement=True,
)
_pollable = and_(sources.c.is_configured == true(), sources.c.is_gone == false())
Index(
    "sources_due",
    sources.c.due_at,
    sources.c.id,
    sqlite_where=_pollable,
    postgresql_where=_pollable,
)
Index("sources_claimed", sources.c.claimed_until, sources.c.host)

#: every slug a source ever had, so that old addresses lead to it and none is given twice
source_slugs = Table(
    "source_slugs",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("source_id", Id, ForeignKey("sources.id", ondelete="CASCADE"), nullable=False, index=True),
)

#: everything published: feeds, topics, and every source by itself
feeds = Table(
    "feeds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("source_id", Id, ForeignKey("sources.id", ondelete="CASCADE"), unique=True),
    Column("uid", Text, nullable=False),
    #: JSON of the topic or feed as configured; null for a source
    Column("settings", Text),
    Column("position", Integer, nullable=False),
    Column("is_configured", Boolean, nullable=False),
    #: its rule changed, and stored articles were not yet judged by the new one
    Column("is_pending", Boolean, nullable=False),
    Column("version", Text, nullable=False),
    Column("changed_at", Instant),
    Column("last_entered", BigInteger, nullable=False),
    #: hash of what shows beside its articles
    Column("look", Text, nullable=False, server_default=""),
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
Index("feeds_made", feeds.c.id, sqlite_where=_made, postgresql_where=_made)
Index(
    "feeds_changed",
    feeds.c.changed_at,
    feeds.c.id,
    sqlite_where=_of_source,
    postgresql_where=_of_source,
)

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", Id, ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("key", Words, nullable=False),
    #: source id and hash of key in one value: unique, and one source's rows lie together
    Column("identity", LargeBinary, nullable=False, unique=True),
    Column("published_id", Words, nullable=False),
    Column("published_hash", LargeBinary, nullable=False, unique=True),
    Column("title", Words, nullable=False),
    Column("link", Words),
    Column("link_hash", LargeBinary, index=True),
    Column("published", Instant),
    Column("updated", Instant),
    Column("first_seen", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("sort_date", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Words, nullable=False),
    #: when a held article goes out by itself; null: when a person says so
    Column("release_at", Instant),
    Column("digest", Text, nullable=False),
    Column("words", Integer, nullable=False),
    Column("language", Words),
    #: slugs joined by blanks
    Column("topics", Text, nullable=False),
    #: to the day: not written again while the stored moment is younger
    Column("last_in_document", Instant, nullable=False),
    Column("edits", Integer, nullable=False),
    #: hash of the words of title and text; empty until first computed
    Column("fingerprint", Text, nullable=False, server_default=""),
    #: digests it had before, newest first, joined by blanks
    Column("past_digests", Text, nullable=False, server_default=""),
    # what the standing marks of editors say
    Column("is_picked", Boolean, nullable=False, server_default=false()),
    Column("note", Words, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
Index("articles_newest", articles.c.sort_date, articles.c.id)
Index("articles_of_source", articles.c.source_id, articles.c.sort_date)
_waiting = articles.c.state == "held"
Index("articles_held", articles.c.release_at, sqlite_where=_waiting, postgresql_where=_waiting)

#: the whole entry, compressed; apart, so that scans of articles stay slim
bodies = Table(
    "bodies",
    metadata,
    Column(
        "article_id",
        Id,
        ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("entry", LargeBinary, nullable=False),
)

#: one article's place in one feed
placements = Table(
    "placements",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("sort_date", Instant, nullable=False),
    Column("entered", BigInteger, nullable=False),
    Column("entered_at", Instant, nullable=False),
    #: when it entered, or last changed in a way that subscribers should hear of
    Column("touched_at", Instant, nullable=False, server_default="0"),
    Column("why", Words, nullable=False),
    sqlite_with_rowid=False,
)
Index("placements_touched", placements.c.feed_id, placements.c.touched_at)
Index("placements_entered", placements.c.feed_id, placements.c.entered)
Index("placements_newest", placements.c.feed_id, placements.c.sort_date, placements.c.article_id)

#: what became of an article after it arrived: changed, moved to another key, released
events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("what", Words, nullable=False),
)

#: what editors decided by hand; the standing ones make is_picked, note and state of an article
marks = Table(
    "marks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    #: the sentence of a note, the reason of a refusal
    Column("words", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("at", Instant, nullable=False),
    #: what undo brings back, as JSON
    Column("before", Text, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", Words),
)
Index("marks_newest", marks.c.at, marks.c.id)

#: by what the entries of a last document are known again; apart from the source, which polls rewrite
traces = Table(
    "traces",
    metadata,
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("trace", LargeBinary, nullable=False),
)

#: identities of articles that are no more: they never come back as new
tombstones = Table(
    "tombstones",
    metadata,
    Column("identity", LargeBinary, primary_key=True),
    Column("source_id", Id, ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("published_id", Words, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: groups of URLs that share one budget; a row where there is something to remember
hosts = Table(
    "hosts",
    metadata,
    Column("name", Words, primary_key=True),
    #: no poll of the group starts before
    Column("free_at", Instant),
    #: the site asked for it (429, 503); binds manual polls too
    Column("not_before", Instant),
    Column("why", Words),
)

#: what we asked of each group, by UTC day
ledger = Table(
    "ledger",
    metadata,
    #: days since 1970
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("name", Words, primary_key=True),
    Column("polls", BigInteger, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("not_modified", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("waits", BigInteger, nullable=False),
    Column("refusals", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
)

#: what is wrong with a source or a feed, or was; a problem that comes back is a new row
problems = Table(
    "problems",
    metadata,
    Column("id", Id, primary_key=True),
    #: "source 12", "feed 3"
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("title", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    #: null while it lasts
    Column("closed_at", Instant),
    sqlite_autoincrement=True,
)
Index("problems_of_subject", problems.c.subject, problems.c.kind)
Index("problems_newest", problems.c.changed_at, problems.c.id)

#: lists of sources kept by somebody else (``opml:``), as they were when last read well
source_lists = Table(
    "source_lists",
    metadata,
    #: URL or absolute path
    Column("place", Words, primary_key=True),
    #: of the bytes in force; null if it was never read
    Column("digest", Text),
    Column("body", LargeBinary),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("validators_url", Words),
    Column("checked_at", Instant, nullable=False),
    Column("read_at", Instant),
    #: why the last reading failed
    Column("reason", Words),
)
