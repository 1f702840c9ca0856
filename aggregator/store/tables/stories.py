"""The tables of stories and of the order they stand in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table

from aggregator.store.tables.metadata import Id, metadata, reference
from aggregator.store.types import Instant, Words

#: articles of several sources about the same thing; its number is the article's that opened it
stories = Table(
    "stories",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    #: of the first placed member, for ever; null while none was placed
    Column("published_id", Words),
    Column("opened_at", Instant, nullable=False),
)

#: where each article belongs, decided once; and what it is known by, so that the next can be compared
story_members = Table(
    "story_members",
    metadata,
    reference("article_id", "articles", primary_key=True, autoincrement=False),
    Column("story_id", Id, ForeignKey("stories.id"), nullable=False, index=True),
    Column("text_id", Id, nullable=False),
    Column("link_id", Id, nullable=False),
    Column("tie", Words, nullable=False),
    #: thousandths
    Column("score", Integer, nullable=False),
    Column("outlet", Words, nullable=False),
    #: canonical
    Column("link", Words),
    Column("sketch", Words, nullable=False),
    Column("at", Instant, nullable=False),
    #: ascends with every decision and correction, so that other workers read what is new to them
    Column("revision", BigInteger, nullable=False, index=True),
)

#: stories about something close, both ways
story_relations = Table(
    "story_relations",
    metadata,
    reference("story_id", "stories", primary_key=True),
    reference("other_id", "stories", primary_key=True),
    #: thousandths
    Column("score", Integer, nullable=False),
)

#: the order of feeds with ``order: top``, as last ranked
ranks = Table(
    "ranks",
    metadata,
    reference("feed_id", "feeds", primary_key=True),
    reference("article_id", "articles", primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    Column("why", Words, nullable=False),
)
