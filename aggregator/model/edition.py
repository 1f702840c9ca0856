"""What one published feed holds at one moment, and its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aggregator.model.article import Article
from aggregator.model.entry import Person
from aggregator.model.settings import Access, ContentPolicy, Duplicates, PerSource, Rewrite, Site, Timed

#: "author" is made of the names under articles, "search" for a question that somebody asked;
#: neither is stored
FeedKind = Literal["feed", "topic", "source", "author", "search"]


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
    #: its issues are made at set times; None: an article enters when it comes
    timed: Timed | None = None
    #: which copies of one thing become one entry
    duplicates: Duplicates = "keep"
    #: seconds after which an article leaves the feed, by its sort date; None: never
    max_age_s: int | None = None
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
    noindex: bool = False
    access: Access = "public"
    #: what entered or changed since then is in the live document however old; None: nothing is
    recent_from: datetime | None = None
    #: what entered later is in no archive yet
    archived_to: int = 0
    #: number of the newest archive; None while there is none
    newest_archive: int | None = None
    #: changes with all that shows beside its articles
    look: str = ""
    #: query parameters of the URL that narrowed it, in canonical order: ("q", …), ("limit", …)
    narrowing: tuple[tuple[str, str], ...] = ()
    #: of the aggregator itself: it holds problems, not articles
    is_own: bool = False

    def __hash__(self) -> int:
        """Heads are looked up by the dozen for one page; few fields tell nearly all of them apart."""
        return hash((self.id, self.version, self.narrowing))


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
    content: ContentPolicy = "full"
    #: the texts of its articles' own pages are published where they are the fuller ones
    full_text: bool = False
    noindex: bool = False
    tags: tuple[str, ...] = ()
    #: as configured for the source; None if not
    rewrite: Rewrite | None = None
    #: the configured language, which goes before an entry's own; None if not configured
    own_language: str | None = None
    #: what ``source:`` may call it besides its slug: id and name, else the host
    names: tuple[str, ...] = ()
    #: picture of whoever writes it; None if not configured
    face: str | None = None
    #: how much its word counts in ``order: top``
    weight: float = 1.0
    #: place among the sources of the file, from 0: of two copies as good, the first's is shown
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The story that an article is part of, as decided when it arrived or corrected since."""

    #: the article that opened it
    story_id: int
    #: the first article with the same text, itself if none has
    text_id: int
    #: the first article with the same link, itself if none has
    link_id: int
    #: "first", "link", "text", "event", or "person" for a correction
    tie: str
    #: how sure, from 0 to 1
    score: float
    #: of its first placed member, for ever; None while no member was placed
    published_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Another article about the same thing, named beside the one shown."""

    article_id: int
    #: name of its source
    source: str
    title: str
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What entered a time-shaped feed at one set time."""

    #: from 1, oldest first
    number: int
    #: urn:uuid, made once and stored: the id of its entry where it is one
    uid: str
    #: it holds what came after *since* and up to *at*
    since: datetime
    at: datetime
    #: numbers of entry; last is below first where nothing had come
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Roll:
    """Several entries told as one: an issue of a digest, or what of a source is beyond the cap of a day."""

    #: in the order they are told
    items: tuple[Item, ...]
    #: the issue; None for the rest of a day
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An article in a feed, with its source and the reason it is there."""

    article: Article
    source: SourceCard
    #: the order in which articles came into this feed, from 1
    entered: int
    why: str = ""
    #: None if it was told to no story
    story: Membership | None = None
    #: place in ``order: top`` as last ranked, from 1; None if not ranked yet
    rank: int | None = None
    #: the copies that this entry stands for, in the order they came; () unless the feed joins copies
    also: tuple[Copy, ...] = ()
    #: what it tells in one; None for an entry of its own
    roll: Roll | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An article that was in a feed and was taken back (RFC 6721)."""

    published_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A closed part of a feed's past (RFC 5005 §4): what entered from *first* to *last*."""

    #: from 1, oldest first
    number: int
    first: int
    last: int
    closed_at: datetime
    #: when something was last taken out of it; closed_at if never
    changed_at: datetime
    #: how often something was taken out of it: a part of what tells one rendering of it from another
    changes: int = 0
    #: None: nothing older is kept
    previous: int | None = None
    #: None: what follows is in the live document
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """The articles of one published feed at one moment."""

    site: Site
    feed: FeedHead
    #: newest first by (sort_date, article id); no two with one published id
    items: tuple[Item, ...]
    #: newest first
    withdrawn: tuple[Withdrawn, ...] = ()
    #: the part of the feed's past that this is; None: the live document
    archive: Archive | None = None


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
    #: search engines are asked to leave it out
    noindex: bool = False
    #: seconds it may be reused without asking; None: as long as any feed
    max_age_s: int | None = None
