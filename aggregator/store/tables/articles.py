"""The tables of articles: slim rows, their bodies, what became of them, what editors said of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, false

from aggregator.store.tables.metadata import Id, metadata, reference
from aggregator.store.types import Instant, Words

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    reference("source_id", "sources", nullable=False),
    Column("key", Words, nullable=False),
    #: source id and hash of key in one value: unique, and one source's rows lie together
    Column("identity", LargeBinary, nullable=False, unique=True),
    Column("published_id", Words, nullable=False),
    Column("published_hash", LargeBinary, nullable=False, unique=True),
    Column("link", Words),
    Column("link_hash", LargeBinary, index=True),
    Column("published", Instant),
    Column("updated", Instant),
    Column("first_seen", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("sort_date", Instant, nullable=False),
    Column("state", Words, nullable=False),
    Column("reason", Words, nullable=False),
    #: when a held article goes out by itself; null: when a person says so
    Column("release_at", Instant),
    Column("digest", Words, nullable=False),
    Column("language", Words),
    #: slugs joined by blanks
    Column("topics", Words, nullable=False),
    #: to the day: not written again while the stored moment is younger
    Column("last_in_document", Instant, nullable=False),
    Column("edits", Integer, nullable=False),
    #: hash of the words of title and text; empty until first computed
    Column("fingerprint", Words, nullable=False),
    #: digests it had before, newest first, joined by blanks
    Column("past_digests", Words, nullable=False),
    # what the standing marks of editors say
    Column("is_picked", Boolean, nullable=False, server_default=false()),
    Column("note", Words, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
Index("articles_newest", articles.c.sort_date, articles.c.id)
Index("articles_of_source", articles.c.source_id, articles.c.sort_date)
_waiting = articles.c.state == "held"
Index("articles_held", articles.c.release_at, sqlite_where=_waiting)

#: the whole entry, compressed; apart, so that scans of articles stay slim
bodies = Table(
    "bodies",
    metadata,
    reference("article_id", "articles", primary_key=True, autoincrement=False),
    Column("entry", LargeBinary, nullable=False),
)

#: what became of an article after it arrived: changed, moved to another key, released
events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    reference("article_id", "articles", nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("what", Words, nullable=False),
)

#: what editors decided by hand; the standing ones make is_picked, note and state of an article
marks = Table(
    "marks",
    metadata,
    Column("id", Id, primary_key=True),
    reference("article_id", "articles", nullable=False, index=True),
    Column("kind", Words, nullable=False),
    #: the sentence of a note, the reason of a refusal
    Column("words", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("at", Instant, nullable=False),
    #: what undo brings back, as JSON
    Column("before", Words, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", Words),
)
Index("marks_newest", marks.c.at, marks.c.id)

#: by what the entries of a last document are known again; apart from the source, which polls rewrite
traces = Table(
    "traces",
    metadata,
    reference("source_id", "sources", primary_key=True, autoincrement=False),
    Column("trace", LargeBinary, nullable=False),
)

#: identities of articles that are no more: they never come back as new
tombstones = Table(
    "tombstones",
    metadata,
    #: source id and hash of key
    Column("identity", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)
