"""What a feed document says, normalised: one ParsedFeed of Entry values.

Every string is free of XML-illegal characters and lone surrogates; every URL field is
absolute http(s); every HTML field is sanitised; titles, names and labels are plain text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aggregator.model.fetched import Hints


@dataclass(frozen=True, slots=True)
class Person:
    """An author. At least one of name and email is not empty."""

    name: str = ""
    email: str | None = None
    url: str | None = None
    #: named by a rewrite rule, not by the publisher; never stored
    is_assigned: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A typed link other than the alternate: via, related, replies, license (RFC 8288), in-reply-to."""

    href: str
    rel: str
    type: str | None = None
    title: str | None = None
    #: of in-reply-to (RFC 4685 §3): the id of the entry that is answered
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """The publisher's label."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A linked file."""

    url: str
    #: media type; None if not stated and not to be guessed
    type: str | None = None
    #: bytes; None if absent or nonsense
    length: int | None = None
    title: str | None = None
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """podcast:transcript"""

    url: str
    type: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """podcast:person: who is heard in an episode, or made it."""

    name: str
    #: lower case; None: a host
    role: str | None = None
    group: str | None = None
    url: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Soundbite:
    """podcast:soundbite: a part of a recording that speaks for the whole."""

    start_s: float
    duration_s: float
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Podcast:
    """What podcast apps want to know of an episode; None or empty where the feed is silent."""

    duration_s: int | None = None
    season: int | None = None
    episode: int | None = None
    episode_type: str | None = None
    explicit: bool | None = None
    chapters: str | None = None
    transcripts: tuple[Transcript, ...] = ()
    people: tuple[Participant, ...] = ()
    #: the same recording in other qualities or formats (podcast:alternateEnclosure)
    alternates: tuple[Enclosure, ...] = ()
    soundbites: tuple[Soundbite, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """The feed an entry was copied from: atom:source (RFC 4287 §4.2.11) or RSS source."""

    title: str = ""
    id: str | None = None
    #: the feed's own URL
    feed_url: str | None = None
    #: its HTML page
    link: str | None = None
    updated: datetime | None = None
    authors: tuple[Person, ...] = ()
    rights: str | None = None
    icon: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of an entry (query.wording), worked out once, in the process that reads it."""

    #: the different folded words of title, summary and content, in order, separated by blanks
    vocabulary: str
    #: hash of the words of title and text, in order, to know the article again; empty if there are none
    fingerprint: str
    #: what stories know the article by, in four lines (query.sketch)
    sketch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record as its publisher wrote it, normalised."""

    #: Atom id, RSS guid, JSON id, character by character; empty if the publisher gave none
    id: str = ""
    #: identity within the source, never empty once identified (parse.identity)
    key: str = ""
    #: plain text on one line, may be empty
    title: str = ""
    link: str | None = None
    links: tuple[Link, ...] = ()
    #: in document order
    authors: tuple[Person, ...] = ()
    #: claimed by the publisher; None if absent or nonsense
    published: datetime | None = None
    #: claimed by the publisher; None if absent or nonsense; never a copy of published
    updated: datetime | None = None
    #: sanitised HTML, may be empty
    summary: str = ""
    #: sanitised HTML, may be empty
    content: str = ""
    categories: tuple[Category, ...] = ()
    #: no two with one url
    enclosures: tuple[Enclosure, ...] = ()
    #: picture that stands for the entry
    image: str | None = None
    #: who made the picture, plain text (media:credit)
    image_credit: str | None = None
    #: where it happened: latitude and longitude in degrees, a blank between (georss:point)
    point: str | None = None
    #: BCP 47 tag, inherited from the feed where the entry is silent
    language: str | None = None
    rights: str | None = None
    #: page of what readers say of it
    comments: str | None = None
    #: how many of them there were when it was stored; None if none, or not told
    comment_count: int | None = None
    podcast: Podcast | None = None
    origin: Origin | None = None
    #: words of the fuller of content and summary
    words: int = 0
    #: hash of everything above that a reader would notice; set by parse.identity
    digest: str = ""
    #: made of the texts above: who changes one of them sets it to None. None: not worked out. Never stored
    wording: Wording | None = field(default=None, repr=False, compare=False)
    #: all of the above as it is stored (packing); None: not worked out. replace() leaves it behind
    packed: bytes | None = field(default=None, init=False, repr=False, compare=False)


def completed(entry: Entry, **late: Any) -> Entry:
    """Return *entry* itself with fields filled in that only a later step of making it can tell.

    For who makes entries, while nobody else holds them: a copy costs twenty times as much.
    Everybody else takes dataclasses.replace().
    """
    for name, value in late.items():
        object.__setattr__(entry, name, value)
    return entry


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInfo:
    """What a document says of the feed itself."""

    title: str = ""
    subtitle: str = ""
    #: HTML page of the feed
    link: str | None = None
    #: Atom feed id
    id: str | None = None
    self_link: str | None = None
    language: str | None = None
    authors: tuple[Person, ...] = ()
    #: podcast:person of the whole channel, heard in each episode that names none
    people: tuple[Participant, ...] = ()
    rights: str | None = None
    icon: str | None = None
    updated: datetime | None = None
    #: WebSub hubs in document order
    hubs: tuple[str, ...] = ()
    #: itunes:new-feed-url
    new_url: str | None = None
    #: fh:complete (RFC 5005 §2): what the document does not hold is no more
    is_complete: bool = False
    #: the publisher says that nothing more will come: JSON Feed ``expired``, itunes:complete
    is_ended: bool = False
    hints: Hints = Hints()


@dataclass(frozen=True, slots=True)
class TracedEntry:
    """An entry of a document that was read."""

    key: str
    digest: str
    #: hash of its bytes; empty where they must be read every time
    raw: str


@dataclass(frozen=True, slots=True)
class DocumentTrace:
    """By what the next reading of a document knows the entries that this one has read."""

    #: hash of what entries inherit from the document
    context: str
    #: in document order; no two with one key
    entries: tuple[TracedEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """Our reading of one document."""

    #: rss090 … rss20, rss10, atom03, atom10, json1, json11
    format: str
    info: FeedInfo
    #: document order; no two with one key
    entries: tuple[Entry, ...]
    #: keys of entries the pre-filter knew to be unchanged; () when everything was read
    unchanged: tuple[str, ...] = ()
    #: all entries of the document, read or unchanged; None where they cannot be known again safely
    trace: DocumentTrace | None = None
    #: keys of entries that the publisher says were deleted (RFC 6721); none that the document holds
    withdrawn: tuple[str, ...] = ()
    #: page of the same feed with older entries: archived and paged feeds (RFC 5005 §4, §3), ``next_url``
    older_url: str | None = None
    #: entries of such pages, newest page first, that a poll read beside the document; none that it holds
    older: tuple[Entry, ...] = ()
    #: what was odd and how it was read, one sentence each
    warnings: tuple[str, ...] = ()
