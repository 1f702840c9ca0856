"""What travels when content is pushed instead of polled (W3C WebSub), in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aggregator.model.article import Claim
from aggregator.model.edition import FeedKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Ours, at a hub of somebody else."""

    id: int
    source_id: int
    #: last part of the callback's address; nobody but the hub can know it
    callback: str
    topic: str
    hub: str
    secret: str = field(repr=False)
    #: "asking", "live" (to be renewed), "denied" (to be asked for again) or "leaving"
    state: str
    failures: int
    #: the claim's, while something is done about it; the finishing update checks it. Empty: not claimed
    token: str
    #: end of the lease; None before it began
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a hub pushed to us, with the right to take it in."""

    id: int
    claim: Claim
    topic: str
    content_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRequest:
    """What somebody asked of our hub; it counts once the callback has confirmed it."""

    mode: Literal["subscribe", "unsubscribe", "denied"]
    callback: str
    topic: str
    feed_id: int
    #: format of the topic: "atom", "rss" or "json"
    suffix: str
    #: seconds granted
    lease_s: int
    #: under 200 bytes; None: deliveries are not signed
    secret: str | None = field(default=None, repr=False)
    #: of the stored row; 0 before
    id: int = 0
    #: the claim's
    token: str = ""
    #: earlier attempts to reach the callback
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One delivery to make: a subscriber and the feed that changed."""

    id: int
    #: the claim's
    token: str
    feed_id: int
    kind: FeedKind
    slug: str
    suffix: str
    #: its address
    topic: str
    callback: str
    secret: str | None = field(repr=False)
    #: the feed's content version that made it due
    version: str
    #: consecutive
    failures: int
    #: it kept us waiting last time
    is_slow: bool = False
    #: True: no subscriber but a hub of somebody else, which is told that the feed changed
    is_ping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionLine:
    """Ours at somebody's hub, for people who look."""

    source: str
    hub: str
    #: "asking", "live", "denied" or "leaving"
    state: str
    #: it delivers: what is new came through it, not by polling
    is_proven: bool
    #: end of the lease; None before it began
    expires_at: datetime | None
    #: when it is renewed, or asked for again
    due_at: datetime
    #: last delivery; None if never
    delivered_at: datetime | None
    #: what keeps it from being live; empty if nothing does
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLine:
    """The subscribers of one document of ours."""

    topic: str
    subscribers: int
    #: of them, whose last delivery failed
    failing: int
    #: deliveries that are due now
    waiting: int
    #: the lease that ends first; None: the hub of somebody else, told without end
    next_end: datetime | None
    #: last delivery that was taken; None if never
    delivered_at: datetime | None
    #: of one that fails: what its callback said; empty if none fails
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushCounts:
    """How much is pushed, in both directions."""

    #: our subscriptions by state: live, asking, denied, leaving
    subscriptions: Mapping[str, int]
    #: when the next live one is renewed; None if there is none
    next_renewal: datetime | None
    #: subscriptions to our feeds
    subscribers: int
    #: of them, whose last delivery failed
    failing: int
    #: deliveries that are due now
    waiting: int
    #: wishes of callbacks that have not confirmed them yet
    asked: int
    #: when the next lease of a subscriber ends unless it asks again; None if there is none
    next_end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushView:
    """Who pushes to us, and to whom we push."""

    counts: PushCounts
    #: by source
    subscriptions: tuple[SubscriptionLine, ...]
    #: by topic
    topics: tuple[TopicLine, ...]
