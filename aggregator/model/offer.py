"""A publisher's offer to push: found in a poll, stored, subscribed to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PushOffer:
    """A publisher's word that hubs push what is new in its feed."""

    #: the feed's own address (``self``): what is subscribed to, never what is polled
    topic: str
    #: in the publisher's order, at least one
    hubs: tuple[str, ...]
