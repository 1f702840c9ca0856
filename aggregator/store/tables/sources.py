"""The tables of sources: what is configured, how each does, their sites, their lists, what is wrong."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    Table,
    and_,
    false,
    literal_column,
    or_,
    true,
)

from aggregator.model import Configuration, FeedInfo, Hints, Source
from aggregator.store.tables.metadata import Id, metadata, reference
from aggregator.store.types import Frozen, Instant, Words

#: the one applied configuration; its sources are rows of their own
applied = Table(
    "applied",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("digest", Words, nullable=False),
    Column("host", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("configuration", Frozen(Configuration), nullable=False),
    #: hash of what of it shows in every feed
    Column("look", Words, nullable=False),
    #: stored articles are judged again up to this id; null when none are
    Column("judged", BigInteger),
)

sources = Table(
    "sources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", Words, nullable=False, unique=True),
    # what the person configured
    Column("url", Words, nullable=False),
    Column("name", Words),
    Column("handle", Words),
    Column("settings", Frozen(Source), nullable=False),
    #: seconds an article is kept after it left the document; here too, for one query over all
    Column("keep_s", BigInteger, nullable=False),
    Column("reads_pages", Boolean, nullable=False),
    Column("place", Words, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_configured", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("first_url", Words, nullable=False),
    # what the last document said
    Column("info", Frozen(FeedInfo)),
    Column("hints", Frozen(Hints)),
    Column("entry_count", Integer),
    Column("imported_at", Instant),
    Column("document_at", Instant),
    #: hash of what the last document held, if all of it is stored as it stood there
    Column("settled", Words),
    #: until when one with this hash needs no comparison
    Column("settled_until", Instant),
    # where and how to ask; "host" is the group that shares a budget
    Column("host", Words, nullable=False),
    Column("moved_url", Words),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("validators_url", Words),
    Column("body_hash", Words),
    # moves seen but not yet believed
    Column("sighted_url", Words),
    Column("sighted_first", Instant),
    Column("sighted_last", Instant),
    Column("sighted_count", Integer, nullable=False),
    #: who says so: "redirect" or "document"
    Column("sighted_by", Words),
    # when to ask
    Column("due_at", Instant, nullable=False),
    Column("not_before", Instant),
    Column("next_why", Words, nullable=False),
    Column("rhythm", Words),
    Column("claim_token", Words),
    Column("claimed_until", Instant),
    # how it went
    Column("last_poll", Instant),
    Column("last_success", Instant),
    Column("failures", Integer, nullable=False),
    Column("failure_kind", Words),
    Column("reason", Words),
    Column("is_gone", Boolean, nullable=False),
    #: seconds the last poll came after its time; null if it was not planned
    Column("late_s", Float),
    sqlite_autoincrement=True,
)
_pollable = and_(sources.c.is_configured == true(), sources.c.is_gone == false())
Index("sources_due", sources.c.due_at, sources.c.id, sqlite_where=_pollable)
#: of all sources it would be written, far from its neighbours, at each claim and each end of one
_claimed = sources.c.claimed_until.is_not(None)
Index("sources_claimed", sources.c.claimed_until, sources.c.host, sqlite_where=_claimed)

#: removed, gone, failing or never yet answered: few, as a rule, so that those of each kind are soon counted
unwell = or_(
    sources.c.is_configured == false(),
    sources.c.is_gone == true(),
    sources.c.failures > literal_column("0"),
    sources.c.failure_kind.is_not(None),
    sources.c.last_success.is_(None),
)
Index(
    "sources_unwell",
    *(sources.c.is_configured, sources.c.is_gone, sources.c.failures),
    *(sources.c.failure_kind, sources.c.last_success),
    sqlite_where=unwell,
)

#: every slug a source ever had, so that old addresses lead to it and none is given twice
source_slugs = Table(
    "source_slugs",
    metadata,
    Column("slug", Words, primary_key=True),
    reference("source_id", "sources", nullable=False, index=True),
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
    Column("subject", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("uid", Words, nullable=False),
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
    Column("digest", Words),
    Column("body", LargeBinary),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("validators_url", Words),
    Column("checked_at", Instant, nullable=False),
    Column("read_at", Instant),
    #: why the last reading failed
    Column("reason", Words),
)
