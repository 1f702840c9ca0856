"""What the person configured: built by config, stored when applied, read by every process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from aggregator.model.markup import Markup
from aggregator.model.outgoing import Mail, Newsletter, Webhook
from aggregator.model.reading import Fields, SourceKind

#: how much of an article a feed may republish; ordered from generous to strict
ContentPolicy = Literal["full", "summary", "link"]
Access = Literal["public", "token"]
#: which copies of one thing become one entry of a feed, from none to all reports of one event
Duplicates = Literal["keep", "link", "text", "story"]
#: the slug of the source of hand-written articles, unless a configured source has it
DESK = "desk"


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
    #: URL of the WebSub hub that every published feed names; None: none
    hub: str | None = None
    #: absolute path of a folder whose templates and files stand in for ours; None: ours
    theme: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where the web server listens."""

    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 1
    #: opens the editors' page; None: there is none. Never stored in the database
    admin_token: str | None = field(default=None, repr=False)
    #: URL of the PostgreSQL past any pooler, where changes are heard of; None: they are looked up
    direct_database: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSub:
    """Pushing and being pushed to (W3C WebSub)."""

    #: "builtin", "off", or the URL of a hub of somebody else; Site.hub follows from it
    hub: str = "builtin"
    #: subscribe at the hubs that sources name; auto: where hubs can reach site.url
    subscribe: Literal["auto", "on", "off"] = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What polls and the reading of pages may cost sites, all workers together."""

    #: under way at one site
    per_host: int
    #: seconds between two starts at one public site
    spacing_s: float = 0.0
    #: starts in an hour at all sites together; None: no such budget
    per_hour: int | None = None


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
    #: seconds between the starts of two polls of one site; private addresses are not spaced
    spacing_s: float = 1.0
    #: polls of all sources together in an hour; None: no common budget
    requests_per_hour: int | None = None

    @property
    def budget(self) -> Budget:
        """What of these limits holds for all workers together."""
        return Budget(per_host=self.per_host, spacing_s=self.spacing_s, per_hour=self.requests_per_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The switches of the gate for one source; the defaults delay no entry of a steady source."""

    #: know articles again whose ids or links changed, instead of announcing them as new
    rekey: bool = True
    #: dates that are stamped anew at every fetch count as no dates, and never move later
    drift: bool = True
    #: a claimed date in the future: go out now, sorted by first sight, or wait for that date
    future: Literal["now", "hold"] = "now"
    #: a sudden flood goes out over a day instead of at once
    burst: bool = True
    #: seconds every new article waits, so that a person can reject it
    hold_s: int = 0
    #: new articles that lead to another site than all before, or speak another language: go out now, or
    #: wait for a person
    takeover: Literal["now", "hold"] = "now"
    #: an article whose text really changed: nothing, a new date of change, or back on top
    edits: Literal["silent", "update", "bump"] = "update"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a pattern of google-re2 finds is replaced; ``\\1`` stands for its first group."""

    pattern: str
    replacement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """How articles are changed on their way out; what is stored stays as it came.

    The fields are applied in the order they stand here.
    """

    #: for ``explain``
    name: str = ""
    #: which articles; empty: all (of the source, where a source carries it)
    query: str = ""
    #: CSS selectors of elements that leave summary and content
    drop: tuple[str, ...] = ()
    #: in the text of summary and content, never inside tags
    replace_content: tuple[Replacement, ...] = ()
    replace_title: tuple[Replacement, ...] = ()
    #: before the title; ``{source}`` stands for the source's name
    prefix: str = ""
    #: instead of the authors; None: leave them
    author: str | None = None
    #: BCP 47 tag; None: leave it
    language: str | None = None
    #: added to the publisher's
    categories: tuple[str, ...] = ()
    #: words kept of the content; None: all
    truncate: int | None = None
    #: None: as the source and the feed allow; the strictest wins
    content: ContentPolicy | None = None
    #: instead of the article's licence or notice; None: leave it
    rights: str | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A query that other queries call by name: ``rule:no-sport``."""

    name: str
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place that we poll. It stays the same source while its url, name or id stays."""

    #: where it is; a local file's is ``file:`` and its absolute path
    url: str
    kind: SourceKind = "feed"
    #: selectors of its entries, tried in order; empty for feeds, and where they find themselves
    items: tuple[str, ...] = ()
    fields: Fields = ()
    #: None: the feed's own title, once known
    name: str | None = None
    #: the person's own permanent handle; None if not given
    id: str | None = None
    #: sorted, lower case
    tags: tuple[str, ...] = ()
    #: seconds between polls; None: decided by us (``every: auto``)
    every_s: int | None = None
    content: ContentPolicy = "full"
    #: the text of each article's own page is read, too, and published where it is the fuller one
    full_text: bool = False
    #: selectors of that text in the page, tried in order; (): it is found by itself
    text: tuple[str, ...] = ()
    #: how many entries of the first document go out; the rest is stored silently
    initial_items: int = 10
    #: seconds an article is kept after it was last in the source's document
    keep_s: int = 365 * 86400
    #: licence or notice shown with every article; None if not stated
    rights: str | None = None
    #: what shows its articles asks search engines to leave it out
    noindex: bool = False
    #: BCP 47 tag that overrides what the feed says; None: as the feed says
    language: str | None = None
    #: extra header fields, in order; only ever sent to the origin of *url*
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    #: ``user:password`` (Basic) or ``Bearer <token>``; only ever sent to the origin of *url*
    auth: str | None = field(default=None, repr=False)
    #: None: the one of all sources
    user_agent: str | None = None
    #: http or https URL of a proxy, may hold credentials; None: none
    proxy: str | None = field(default=None, repr=False)
    #: total deadline of a poll in seconds; None: the one of all sources
    timeout_s: float | None = None
    #: accept any certificate of the host of *url*
    insecure_tls: bool = False
    #: absolute path of a PEM file of authorities trusted besides the system's; None: none
    ca_file: str | None = None
    #: False: always ask for the whole document (servers whose 304 lies)
    conditional: bool = True
    #: ``file:line`` of this source in the configuration, for messages
    where: str = ""
    gate: Gate = Gate()
    #: how its articles are changed on their way out; None: as they are
    rewrite: Rewrite | None = None
    #: picture of whoever writes it, shown beside its articles: a URL, or the name of a static file
    #: of the theme; None: none
    face: str | None = None
    #: how much its word counts in ``order: top``
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceList:
    """A list of sources kept by somebody else, re-read when it changes."""

    #: URL of an OPML document, or the absolute path of one
    place: str
    #: what holds for each of its sources; the URL is empty
    template: Source
    #: ``file:line``
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A saved query that labels articles, published by itself under /topics/<slug>."""

    slug: str
    title: str
    query: str
    description: str = ""
    #: paths it had before, such as ``/rss20.xml`` or ``/topics/money``; they lead to it
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PerSource:
    """At most *count* articles of one source, in all or per day of the site's time zone."""

    count: int
    per_day: bool = False
    #: what is beyond becomes one entry for each source and day, instead of staying away
    rolls_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Issues of a feed are made at set times, of what came since the last one; by the site's wall clock."""

    #: "digest": each issue is one entry; "best": each story of it is one
    form: Literal["digest", "best"]
    every: Literal["day", "week", "month"]
    #: 0 is Monday; for weekly issues
    weekday: int = 0
    hour: int = 0
    minute: int = 0
    #: stories in an issue at most
    stories: int = 30


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
    order: Literal["newest", "top"] = "newest"
    per_source: PerSource | None = None
    #: its issues are made at set times; None: an article enters when it comes
    timed: Timed | None = None
    duplicates: Duplicates = "keep"
    #: seconds after which an article leaves the feed; None: never
    max_age_s: int | None = None
    #: None: as each source allows; the stricter of the two wins
    content: ContentPolicy | None = None
    #: which of its articles may lead the front page, if the front page is made of it; empty: any
    lead: str = ""
    #: licence or notice of the feed as a whole; None if not stated
    rights: str | None = None
    #: it asks search engines to leave it out
    noindex: bool = False
    #: who may read it: everybody, or who shows one of its tokens
    access: Access = "public"
    #: paths it had before, such as ``/rss20.xml`` or ``/feeds/news``; they lead to it
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One valid configuration, whole."""

    site: Site = field(default_factory=Site)
    web: Web = field(default_factory=Web)
    #: SQLAlchemy URL, paths absolute; may hold a password
    database: str = field(default="sqlite:///var/aggregator.db", repr=False)
    fetch: FetchSettings = field(default_factory=FetchSettings)
    websub: WebSub = WebSub()
    #: what links and HTML keep when documents are read
    markup: Markup = Markup()
    #: in file order
    sources: tuple[Source, ...] = ()
    #: their sources come behind, once they have been read
    lists: tuple[SourceList, ...] = ()
    topics: tuple[Topic, ...] = ()
    feeds: tuple[Feed, ...] = ()
    #: no two with one name
    rules: tuple[RuleSet, ...] = ()
    #: after the sources' own, in this order
    rewrites: tuple[Rewrite, ...] = ()
    #: hosts (with all below them) and URLs (with all that begins so) that want no part in this
    opt_out: tuple[str, ...] = ()
    #: None: nothing is sent by mail
    mail: Mail | None = None
    newsletters: tuple[Newsletter, ...] = ()
    webhooks: tuple[Webhook, ...] = ()

    @property
    def published(self) -> dict[tuple[str, str], Topic | Feed]:
        """Topics, then feeds, by (kind, slug)."""
        topics: dict[tuple[str, str], Topic | Feed] = {("topic", topic.slug): topic for topic in self.topics}
        return topics | {("feed", feed.slug): feed for feed in self.feeds}
