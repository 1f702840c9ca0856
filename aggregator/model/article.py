"""What we keep of entries, what we know of a source, and what was decided about a poll."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from aggregator.model.entry import Entry, FeedInfo
from aggregator.model.fetched import Failed, Hints, PushOffer, Validators
from aggregator.model.pages import PageCounts
from aggregator.model.problem import Arrived
from aggregator.model.settings import Source


class ArticleState(StrEnum):
    """Where an article stands at the gate. Only OUT articles have placements."""

    OUT = "out"
    #: waiting, listed by ``held``, can be released
    HELD = "held"
    #: stored, never announced (older entries of a first import, re-keyed copies)
    SILENT = "silent"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Article:
    """An entry as we keep it."""

    id: int
    source_id: int
    entry: Entry
    #: the id in our published feeds: an IRI, unique in the store
    published_id: str
    #: our observation; fixed
    first_seen: datetime
    #: our observation: when its content last changed; first_seen if never
    changed_at: datetime
    #: the claimed date, never later than first_seen; fixed at first sight
    sort_date: datetime
    state: ArticleState = ArticleState.OUT
    #: why it is in that state, one sentence; empty for OUT
    reason: str = ""
    #: when a held article goes out by itself; None: when a person says so, or not held
    release_at: datetime | None = None
    #: slugs, sorted
    topics: tuple[str, ...] = ()
    #: chosen by an editor: what ``picked:true`` finds
    is_picked: bool = False
    #: an editor's sentence, plain text, shown with the entry; empty if there is none
    note: str = ""
    #: sanitised HTML, the text of the article's own page; empty if it was not read
    page_text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """The little of a stored article that the gate needs."""

    id: int
    key: str
    digest: str
    published_id: str
    first_seen: datetime
    sort_date: datetime
    state: ArticleState
    #: why it is in that state; empty for OUT
    reason: str = ""
    #: when a held article goes out by itself; None: when a person says so, or not held
    release_at: datetime | None = None
    #: the stored entry, where the polled one has another digest, or where in Known.recent an article has
    #: just left the document that nothing but its words tells apart; None otherwise
    entry: Entry | None = None
    #: Admission.fingerprint as stored; empty if it never had one
    fingerprint: str = ""
    #: Admission.past_digests as stored
    past_digests: tuple[str, ...] = ()
    #: claimed by the publisher, as stored
    published: datetime | None = None
    #: claimed by the publisher, as stored
    updated: datetime | None = None
    #: as stored
    link: str | None = None
    #: chosen by an editor
    is_picked: bool = False


@dataclass(frozen=True, slots=True)
class UnreadArticle:
    """The article of an entry that was recognised by its bytes and not read."""

    id: int
    state: ArticleState
    #: why it is in that state; empty for OUT
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows about one source and the entries of one poll."""

    source_id: int
    #: no document of this source that held anything was ever taken in
    is_first_import: bool
    #: by key; only keys of the entries that were read, or deleted
    articles: Mapping[str, KnownArticle] = field(default_factory=dict)
    #: by key; only keys of the entries that were not read
    unread: Mapping[str, UnreadArticle] = field(default_factory=dict)
    #: keys of the polled entries that were expired or forgotten
    tombstones: frozenset[str] = frozenset()
    #: entry ids of the poll under which another article is published already, be it of
    #: another source or of this one (whose key has changed since)
    taken_ids: frozenset[str] = frozenset()
    #: the URL the source was first configured with, for minted ids
    first_url: str = ""
    #: articles that the document does not hold, last seen in it first, a hundred and as many as
    #: there are unknown keys; () where every polled key is known
    recent: tuple[KnownArticle, ...] = ()
    #: articles that stand and that the document lacks, with their entries, at most some thousands;
    #: () unless the document says that it is complete
    absent: tuple[KnownArticle, ...] = ()
    #: (when, how many new) of the polls that brought anything, newest first, at most 20,
    #: the first import left out; () where fewer than 30 polled keys are unknown
    arrivals: tuple[tuple[datetime, int], ...] = ()
    #: of what went out of the source, newest first; () unless its gate asks, and the document has news
    habit: tuple[Arrived, ...] = ()
    #: by key of an unknown entry the site that it leads to; empty where *habit* is
    sites: Mapping[str, str] = field(default_factory=dict)
    #: when a document was last taken in; None if never
    document_at: datetime | None = None
    #: the document holds what the last one held, all of it stored as it stands there, so that no article
    #: was looked up
    is_settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The gate's decision about one entry: a new article, or a change of a stored one."""

    source_id: int
    entry: Entry
    #: None: new
    article_id: int | None
    published_id: str
    first_seen: datetime
    #: of a stored article that is bumped: the new one, its placements move along
    sort_date: datetime
    state: ArticleState = ArticleState.OUT
    reason: str = ""
    #: when a held article goes out by itself; None: when a person says so, or not held
    release_at: datetime | None = None
    #: False: what changed is nothing to tell readers, changed_at stays
    is_announced: bool = True
    #: hash of the words of title and text, to know the article again under another key;
    #: empty if it has no words
    fingerprint: str = ""
    #: digests it had before, newest first, at most a few, to know an edit that comes back;
    #: None: leave the stored ones
    past_digests: tuple[str, ...] | None = None
    #: chosen by an editor, which a poll never changes
    is_picked: bool = False
    #: what a poll did to a stored article, a few words for its history; empty where nothing is to tell
    change: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One feed an article belongs in, and why (the part of the query that matched)."""

    #: "feed", "topic" or "source"
    kind: str
    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class Placed:
    """An admission with its placements; none unless its state is OUT."""

    admission: Admission
    #: slugs of matching topics, sorted; also for articles that are not OUT
    topics: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One worker's time-limited right to poll a source, with the state a poll needs."""

    source_id: int
    slug: str
    source: Source
    #: changes with every claim; the finishing update checks it
    token: str
    until: datetime
    #: the URL to ask: the configured one, or where it permanently moved
    url: str
    #: *url* is the configured one again, as the one found there, or moved to, is lost
    is_trial: bool = False
    #: registrable domain, or host:port of what stands for itself: who shares its budget
    group: str = ""
    validators: Validators = Validators()
    #: blake2b of the last taken-in body, hex; None if none
    body_hash: str | None = None
    #: the trace of the last taken-in document, as parse.prefilter writes it; None if none
    trace: bytes | None = None
    #: consecutive
    failures: int = 0
    #: the last poll found our own network down
    is_offline: bool = False
    last_poll: datetime | None = None
    last_success: datetime | None = None
    #: JSON of schedule's Rhythm; None if never learnt
    rhythm: str | None = None
    is_gone: bool = False
    #: no request before this, whoever asks (Retry-After); None if free
    not_before: datetime | None = None
    #: wishes of the last document taken in (ttl, skipHours, ...): a 304 does not repeat them
    hints: Hints = Hints()
    #: entries in the last document that was taken in; None if none was
    entry_count: int | None = None
    #: when it was to be polled; None if not known
    due_at: datetime | None = None
    #: a hub delivers what is new, until then; None: nobody pushes it
    pushed_until: datetime | None = None

    @property
    def poll_id(self) -> str:
        """What the log calls this poll: no other poll has the same."""
        return f"{self.token[-8:]}-{self.source_id}"


@dataclass(frozen=True, slots=True)
class NextPoll:
    """When a source is asked again, and why then (one sentence for ``status``)."""

    at: datetime
    why: str
    #: set by Retry-After: even a manual poll waits for it; None otherwise
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """Everything one finished poll writes, in one transaction."""

    claim: Claim
    at: datetime
    next_poll: NextPoll
    #: what happened, for logs and metrics: "new", "same", "not-modified", "gone", "failed", "push"
    kind: str
    #: None: leave the stored ones (a failed poll never commits validators)
    validators: Validators | None = None
    body_hash: str | None = None
    #: None: leave the stored one
    info: FeedInfo | None = None
    hints: Hints = Hints()
    failure: Failed | None = None
    moved_to: str | None = None
    #: the feed that the asked page led to, to be asked from now on; None if it was the feed itself
    found_at: str | None = None
    rhythm: str | None = None
    placed: tuple[Placed, ...] = ()
    #: ids of stored articles that the document still holds unchanged
    seen_ids: tuple[int, ...] = ()
    #: for the next poll's Claim.trace; None: leave the stored one
    trace: bytes | None = None
    #: hash of what the document holds, where all of it is stored as it stands there now; "" where not all
    #: is; None: leave the stored one
    settled: str | None = None
    #: entries in the document, for ``status``
    entry_count: int | None = None
    #: sent for this poll: redirects and second tries count
    requests: int = 1
    #: of the bodies, as transferred
    wire_bytes: int = 0
    #: *moved_to* is the document's own word (itunes:new-feed-url), not a redirect
    is_moved_by_document: bool = False
    #: where the publisher says it is pushed; None: leave the stored one
    offer: PushOffer | None = None
    #: what in the inbox this was; None: a poll
    push_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """A source as ``status`` shows it."""

    source_id: int
    slug: str
    source: Source
    info: FeedInfo
    #: "new", "ok", "failing", "gone", "removed"; "desk" for the source of hand-written articles
    state: str
    last_poll: datetime | None
    last_success: datetime | None
    failures: int
    failure_kind: str | None
    #: one sentence; None when all is well
    reason: str | None
    next_poll: datetime | None
    next_why: str
    #: where a permanent redirect or the document itself points; None if nowhere else
    moved_to: str | None
    articles: int
    #: *moved_to* is asked already: the line of the configuration is out of date
    is_moved: bool = False
    #: who shares its budget: registrable domain or host:port
    group: str = ""
    #: JSON of schedule's Rhythm; None if never learnt
    rhythm: str | None = None
    #: seconds the last poll came after its time; None if it was not planned
    late_s: float | None = None
    #: entries in the last document; None if none was read
    entry_count: int | None = None
    #: when it came into the configuration
    added_at: datetime | None = None
    newest: datetime | None = None
    #: False once it left the configuration
    is_configured: bool = True
    #: how the full texts of its articles stand; None where none are wanted
    pages: PageCounts | None = None
