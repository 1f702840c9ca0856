"""Editions made by hand: small factories with sensible defaults, every field can be given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model import Article, Edition, Entry, FeedHead, Item, Person, Site, SourceCard

NOON = datetime(2025, 12, 25, 12, 0, tzinfo=UTC)
SITE = Site(
    title="Thames Gazette", tagline="All that floats.", url="https://gazette.example", language="en-GB"
)


def head(**fields: Any) -> FeedHead:
    defaults: dict[str, Any] = {
        "id": 1,
        "kind": "feed",
        "slug": "front-page",
        "uid": "urn:uuid:6d1f9a3e-6f0c-4c53-9d8e-0f9f9c1d2a11",
        "title": "Front page",
        "description": "What matters today.",
        "version": "v1",
        "changed_at": NOON,
    }
    return FeedHead(**{**defaults, **fields})


def card(**fields: Any) -> SourceCard:
    defaults: dict[str, Any] = {
        "id": 7,
        "slug": "harbour-herald",
        "name": "Harbour Herald",
        "title": "The Harbour Herald",
        "url": "https://herald.example/feed.xml",
        "link": "https://herald.example/",
        "feed_id": "tag:herald.example,2020:feed",
        "authors": (Person(name="Herald Newsroom"),),
        "rights": "CC BY 4.0",
        "icon": "https://herald.example/icon.png",
        "language": "en",
        "tags": ("national",),
    }
    return SourceCard(**{**defaults, **fields})


def entry(number: int = 1, **fields: Any) -> Entry:
    defaults: dict[str, Any] = {
        "id": f"tag:herald.example,2025:{number}",
        "key": f"tag:herald.example,2025:{number}",
        "title": f"Barge number {number} passes the bridge",
        "link": f"https://herald.example/news/{number}",
        "authors": (Person(name="Ada Lock", email="ada@herald.example"),),
        "published": NOON - timedelta(hours=number),
        "summary": f"<p>The barge with the number {number} passed.</p>",
        "content": f"<p>The barge with the number {number} passed the bridge at dawn, the keeper says.</p>",
        "words": 15,
    }
    return Entry(**{**defaults, **fields})


def item(number: int = 1, source: SourceCard | None = None, **fields: Any) -> Item:
    """An item; fields of Article and of Entry may both be given."""
    of_article = {
        name: fields.pop(name)
        for name in ("published_id", "first_seen", "changed_at", "sort_date")
        if name in fields
    }
    written = entry(number, **fields)
    first_seen = of_article.get("first_seen", NOON)
    defaults: dict[str, Any] = {
        "id": number,
        "source_id": (source or card()).id,
        "entry": written,
        "published_id": written.id or f"urn:uuid:00000000-0000-5000-8000-{number:012d}",
        "first_seen": first_seen,
        "changed_at": first_seen,
        "sort_date": min(written.published or first_seen, first_seen),
    }
    return Item(Article(**{**defaults, **of_article}), source or card(), entered=number, why="everything")


def edition(*items: Item, site: Site = SITE, **fields: Any) -> Edition:
    """An edition with *items* in their order; the other fields are the head's."""
    return Edition(site, head(**fields), items)
