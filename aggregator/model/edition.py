"""What one published feed holds at one moment, and its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aggregator.model.article import Article
from aggregator.model.entry import Person
from aggregator.model.settings import ContentPolicy, PerSource, Rewrite, Site

#: "search" is made for a question that somebody asked and stored nowhere
FeedKind = Literal["feed", "topic", "source", "search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """A published feed without its articles."""

    id: int
    kind: FeedKind
    slug: str
    #: urn:uuid, made once and stored
    uid: str
    title: str
    description: str = ""
    #: empty for sources
    query: str = ""
    limit: int = 50
    order: str = "newest"
    per_source: PerSource | None = None
    content: ContentPolicy | None = None
    #: changes exactly when the bytes may change; the ETag follows from it
    version: str
    #: when the content last changed; None while empty
    changed_at: datetime | None = None
    #: BCP 47; None: the site's
    language: str | None = None
    #: the source's own page, for kind "source"
    link: str | None = None
    rights: str | None = None
    #: query parameters of the URL that narrowed it, in canonical order: ("q", …), ("limit", …)
    narrowing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """A source as shown beside its articles and written into atom:source."""

    id: int
    slug: str
    #: configured name, else the feed's title, else the host
    name: str
    #: current feed URL
    url: str
    link: str | None = None
    #: atom:id of the feed; None: the feed URL stands for it
    feed_id: str | None = None
    #: the title as the feed says it
    title: str = ""
    authors: tuple[Person, ...] = ()
    rights: str | None = None
    icon: str | None = None
    language: str | None = None
    updated: datetime | None = None
    content: ContentPolicy = "full"
    tags: tuple[str, ...] = ()
    #: as configured for the source; None if not
    rewrite: Rewrite | None = None
    #: the configured language, which goes before an entry's own; None if not configured
    own_language: str | None = None
    #: what ``source:`` may call it besides its slug: id and name, else the host
    names: tuple[str, ...] = ()
    #: picture of whoever writes it; None if not configured
    face: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An article in a feed, with its source and the reason it is there."""

    article: Article
    source: SourceCard
    #: the order in which articles came into this feed, from 1
    entered: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """The articles of one published feed at one moment."""

    site: Site
    feed: FeedHead
    #: newest first by (sort_date, article id); no two with one published id
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered feed: bytes and validators, the same in every process."""

    body: bytes
    media_type: str
    #: opaque tag without quotes and without a coding suffix
    etag: str
    #: None while the feed is empty
    last_modified: datetime | None
    #: other codings of body, made once: {"gzip": …, "br": …}
    encoded: Mapping[str, bytes] = field(default_factory=dict)
    #: values of the Link header (RFC 8288), in order
    links: tuple[str, ...] = ()
