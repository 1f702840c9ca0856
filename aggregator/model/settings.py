"""What the person configured: built by config, stored when applied, read by every process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: how much of an article a feed may republish; ordered from generous to strict
ContentPolicy = Literal["full", "summary", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The newspaper itself."""

    title: str = "Aggregator"
    tagline: str = ""
    #: public base URL without a trailing slash; may have a path (``https://example.org/planet``)
    url: str = "http://127.0.0.1:8000"
    #: BCP 47 tag
    language: str = "en"
    #: IANA zone; "per day" and edition dates are counted in it
    timezone: str = "UTC"
    #: e-mail address or URL shown in our User-Agent; None if not given
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where the web server listens."""

    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """Limits of the guarded client; they hold for every outgoing request."""

    #: total deadline of one request with all its redirects
    timeout_s: float = 30.0
    max_wire_bytes: int = 10_000_000
    max_decoded_bytes: int = 16_000_000
    #: CIDR networks or ``host:port`` pairs that may be contacted although private
    allow_private: tuple[str, ...] = ()
    #: simultaneous requests to one host
    per_host: int = 2
    #: simultaneous requests in all
    concurrency: int = 64
    #: None: ``aggregator/<version> (+<contact or site url>)``
    user_agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place that we poll. It stays the same source while its url, name or id stays."""

    url: str
    kind: Literal["feed"] = "feed"
    #: None: the feed's own title, once known
    name: str | None = None
    #: the person's own permanent handle; None if not given
    id: str | None = None
    #: sorted, lower case
    tags: tuple[str, ...] = ()
    #: seconds between polls; None: decided by us (``every: auto``)
    every_s: int | None = None
    content: ContentPolicy = "full"
    #: how many entries of the first document go out; the rest is stored silently
    initial_items: int = 10
    #: seconds an article is kept after it was last in the source's document
    keep_s: int = 365 * 86400
    #: licence or notice shown with every article; None if not stated
    rights: str | None = None
    #: BCP 47 tag that overrides what the feed says; None: as the feed says
    language: str | None = None
    #: ``file:line`` of this source in the configuration, for messages
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A saved query that labels articles, published by itself under /topics/<slug>."""

    slug: str
    title: str
    query: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerSource:
    """At most *count* articles of one source, in all or per day of the site's time zone."""

    count: int
    per_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A query with presentation, published under /feeds/<slug>."""

    slug: str
    title: str
    #: empty: every article
    query: str = ""
    description: str = ""
    #: entries in the live document
    limit: int = 50
    order: Literal["newest"] = "newest"
    per_source: PerSource | None = None
    #: None: as each source allows; the stricter of the two wins
    content: ContentPolicy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One valid configuration, whole."""

    site: Site = field(default_factory=Site)
    web: Web = field(default_factory=Web)
    #: SQLAlchemy URL, paths absolute
    database: str = "sqlite:///var/aggregator.db"
    fetch: FetchSettings = field(default_factory=FetchSettings)
    #: in file order
    sources: tuple[Source, ...] = ()
    topics: tuple[Topic, ...] = ()
    feeds: tuple[Feed, ...] = ()
