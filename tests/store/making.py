"""Values for store tests: entries, sources, polls; each differs from the default where a test says so."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from aggregator.model import (
    Admission,
    Claim,
    Configuration,
    Entry,
    Feed,
    FeedHead,
    FeedInfo,
    NextPoll,
    Placed,
    PollResult,
    Source,
    Target,
    Topic,
    Validators,
)
from aggregator.store.articles.knowing import Listed, load_known
from aggregator.store.articles.saving import Saved, save
from aggregator.store.configurations import Applied, apply_configuration
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.sources.claims import claim_sources
from aggregator.store.sources.states import find_source
from aggregator.store.stories.telling import Member

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def source(name: str, **settings: Any) -> Source:
    """A source called *name*."""
    slug = name.lower().replace(" ", "-")
    return Source(**{"url": f"https://{slug}.example/feed", "name": name, **settings})


#: two sources, a topic and two feeds
WHOLE = Configuration(
    sources=(source("Paper"), source("Rival")),
    topics=(Topic(slug="economy", title="Economy", query="mortgage"),),
    feeds=(Feed(slug="front", title="Front"), Feed(slug="back", title="Back")),
)


def apply(engine: Engine, configuration: Configuration, now: datetime = NOW) -> Applied:
    """Put a configuration in force; equal ones have equal digests."""
    digest = hashlib.sha256(repr(configuration).encode()).hexdigest()
    with writing(engine) as connection:
        return apply_configuration(connection, configuration, digest=digest, host="test", now=now)


def claim_all(engine: Engine, now: datetime = NOW, seconds: float = 60) -> dict[str, Claim]:
    """Claim every source, by slug."""
    with writing(engine) as connection:
        claims = claim_sources(connection, None, now, seconds=seconds, respect_due=False)
    return {claim.slug: claim for claim in claims}


def claim_one(engine: Engine, slug: str, now: datetime = NOW, seconds: float = 60) -> Claim:
    """Claim the source with this slug."""
    with writing(engine) as connection:
        state = find_source(connection, slug)
        assert state is not None
        wanted = [state.source_id]
        return claim_sources(connection, wanted, now, seconds=seconds, respect_due=False)[0]


def entry(key: str, **fields: Any) -> Entry:
    """An entry with *key* for id and title."""
    values = {
        "id": f"tag:test,2026:{key}",
        "title": f"Title of {key}",
        "link": f"https://paper.example/{key}",
        "content": f"<p>Words about {key}</p>",
        "words": 3,
        **fields,
    }
    plain = Entry(key=key, **values)
    return Entry(key=key, **values, digest=hashlib.md5(repr(plain).encode()).hexdigest())


def admission(claim: Claim, one: Entry, at: datetime = NOW, **fields: Any) -> Admission:
    """The gate's plain yes to a new entry."""
    values = {
        "article_id": None,
        "published_id": one.id,
        "first_seen": at,
        "sort_date": min(one.published or at, at),
        **fields,
    }
    return Admission(source_id=claim.source_id, entry=one, **values)


def placed(one: Admission, *feeds: str, topics: Sequence[str] = ()) -> Placed:
    """An admission that goes into the named feeds, ``topic:x`` for topics."""
    targets = [Target("topic", topic, f"topic {topic}") for topic in topics]
    targets += [Target("feed", feed, f"because of {feed}") for feed in feeds]
    return Placed(one, tuple(topics), tuple(targets))


def poll(claim: Claim, *arrived: Placed, at: datetime = NOW, **fields: Any) -> PollResult:
    """A poll that brought a document."""
    values = {
        "kind": "new",
        "next_poll": NextPoll(at + HOUR, "an hour after the last"),
        "validators": Validators('"v1"', None, claim.url),
        "body_hash": "b" * 32,
        "info": FeedInfo(title=f"{claim.slug} says"),
        **fields,
    }
    return PollResult(claim=claim, at=at, placed=arrived, **values)


def store(engine: Engine, *results: PollResult) -> Saved:
    """Save polls in a transaction of their own."""
    with writing(engine) as connection:
        return save(connection, results)


def arrive(
    engine: Engine, slug: str, *entries: Entry, feeds: Sequence[str] = (), at: datetime = NOW
) -> Saved:
    """Poll one source; what is stored and changed updates its article, the rest is new."""
    claim = claim_one(engine, slug, at)
    with writing(engine) as connection:
        there = load_known(connection, {claim.source_id: Listed(entries)}, at)[claim.source_id]
        result = poll(claim, *(_decided(claim, one, there, feeds, at) for one in entries), at=at)
        return save(connection, [result])


def _decided(claim: Claim, one: Entry, there: Any, feeds: Sequence[str], at: datetime) -> Placed:
    old = there.articles.get(one.key)
    if old is None:
        return placed(admission(claim, one, at), *feeds)
    kept = {
        "article_id": old.id,
        "published_id": old.published_id,
        "first_seen": old.first_seen,
        "sort_date": old.sort_date,
    }
    return placed(admission(claim, one, at, **kept), *feeds)


def member(article_id: int, **fields: Any) -> Member:
    """An article in a story of its own."""
    values = {
        "story_id": article_id,
        "text_id": article_id,
        "link_id": article_id,
        "tie": "event",
        "score": 1.0,
        "outlet": "paper",
        "link": None,
        "sketch": "",
        "at": NOW,
        **fields,
    }
    return Member(article_id=article_id, **values)


def count(connection: Connection, table: Any) -> int:
    """Rows of a table."""
    from sqlalchemy import func, select

    return connection.scalar(select(func.count()).select_from(table)) or 0


def head_of(engine: Engine, slug: str = "front", kind: str = "feed") -> FeedHead:
    """The feed of this name, which is published."""
    with reading(engine) as connection:
        head = find_feed(connection, kind, slug)
    assert head is not None
    return head
