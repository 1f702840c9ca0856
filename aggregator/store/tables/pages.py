"""The tables of full texts: what was read from articles' own pages, and what their sites forbid."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table

from aggregator.store.tables.metadata import metadata, reference
from aggregator.store.types import Instant, Words

#: the text of an article's page, beside what its feed says; a row where one is wanted
page_texts = Table(
    "page_texts",
    metadata,
    reference("article_id", "articles", primary_key=True, autoincrement=False),
    #: of the link that is to be read, so that another link is read anew
    Column("link_hash", LargeBinary, nullable=False),
    #: who shares a budget with the page
    Column("host", Words, nullable=False),
    #: when it is asked for, or until when a worker does; null: read, or given up
    Column("due_at", Instant),
    Column("tries", Integer, nullable=False),
    #: why the last try brought nothing; empty if it did
    Column("reason", Words, nullable=False),
    Column("fetched_at", Instant),
    Column("words", Integer, nullable=False),
    #: HTML, compressed; null before the first success
    Column("body", LargeBinary),
)
_waiting = page_texts.c.due_at.is_not(None)
Index("page_texts_due", page_texts.c.due_at, sqlite_where=_waiting)

#: robots.txt of the sites whose pages are read (RFC 9309)
robots = Table(
    "robots",
    metadata,
    #: scheme, host and port
    Column("origin", Words, primary_key=True),
    Column("until", Instant, nullable=False),
    #: "rules", "open" (there is none), "closed" (the site cannot say)
    Column("state", Words, nullable=False),
    #: the document; empty unless state is "rules"
    Column("text", Words, nullable=False),
)
