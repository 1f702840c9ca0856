"""What a publisher's server answered. Expected answers are values; nothing here is raised."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified, opaque, exactly as received (RFC 9110 §8.8); None if not sent."""

    etag: str | None = None
    last_modified: str | None = None
    #: the URL that sent them; they are sent back to no other
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """Wishes of the server and the document about the next poll. Seconds, as received;
    may be negative or absurd: schedule bounds them. None if not expressed."""

    #: Cache-Control max-age minus Age, else Expires minus Date
    fresh_s: float | None = None
    #: Retry-After, both forms, as seconds from the answer
    retry_after_s: float | None = None
    #: RSS ttl
    ttl_s: float | None = None
    #: sy:updatePeriod divided by sy:updateFrequency, or what podcast:updateFrequency says
    period_s: float | None = None
    #: sy:updateBase, or where podcast:updateFrequency begins to count: seconds since 1970
    period_base_s: float | None = None
    #: RSS skipHours, 0-23 GMT
    skip_hours: frozenset[int] = frozenset()
    #: RSS skipDays, 0 is Monday
    skip_days: frozenset[int] = frozenset()
    #: nothing more will come: JSON Feed expired, itunes:complete, podcast:updateFrequency complete
    is_ended: bool = False


class FailureKind(StrEnum):
    """The class of a failed poll, as ``status`` and metrics show it."""

    REFUSED = "refused"  # our guard: private address, forbidden scheme
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TRANSFER = "transfer"  # truncated, wrong length, broken coding
    TOO_LARGE = "too-large"
    REDIRECT = "redirect"  # loop, too many, no Location
    HTTP = "http"  # 4xx, 5xx but 410
    RATE_LIMITED = "rate-limited"  # 429, 503 with Retry-After
    CHALLENGE = "challenge"  # a bot wall instead of the document
    NOT_A_FEED = "not-a-feed"
    PARSE = "parse"
    LAYOUT = "layout"  # a page without feed: its selectors match nothing, or far less than usual
    KILLED = "killed"  # parsing took too long or too much memory
    OFFLINE = "offline"  # our own network is down
    INTERNAL = "internal"  # our own mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A whole, decoded 200 answer."""

    #: where the body came from, after redirects
    url: str
    status: int
    #: lower-case names; several values of one name are joined with ", "
    headers: dict[str, str] = field(hash=False)
    body: bytes
    validators: Validators
    hints: Hints = Hints()
    #: target of an unbroken chain of 301/308 from the asked URL; None if not moved
    moved_to: str | None = None
    #: *url* is another than was asked
    is_redirected: bool = False
    #: of the body, as transferred
    wire_bytes: int = 0
    #: sent for this answer: redirects and second tries count
    requests: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A 304: *validators* are the stored ones refreshed by what the 304 carried (RFC 9111 §4.3.4)."""

    validators: Validators
    hints: Hints = Hints()
    moved_to: str | None = None
    wire_bytes: int = 0
    #: sent for this answer: redirects and second tries count
    requests: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A 410: polling stops (RFC 9110 §15.5.11)."""

    reason: str = "410 Gone"
    wire_bytes: int = 0
    #: sent for this answer: redirects and second tries count
    requests: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A poll that brought nothing; *reason* is one sentence a person can act on."""

    kind: FailureKind
    reason: str
    #: HTTP status, None when no answer came
    status: int | None = None
    hints: Hints = Hints()
    wire_bytes: int = 0
    #: sent for this answer: redirects and second tries count
    requests: int = 1
    #: a connection was made before it failed: our own network is well
    is_reached: bool = False


Outcome = Fetched | NotModified | Gone | Failed


@dataclass(frozen=True, slots=True)
class PushOffer:
    """A publisher's word that hubs push what is new in its feed."""

    #: the feed's own address (``self``): what is subscribed to, never what is polled
    topic: str
    #: in the publisher's order, at least one
    hubs: tuple[str, ...]
