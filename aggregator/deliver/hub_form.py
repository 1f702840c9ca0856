"""What is posted to our hub: form fields in, a checked wish out, or the sentence that says what is wrong.

Fields we do not know are ignored (WebSub §5.1). Nothing is looked up here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import urlsplit

from aggregator.errors import AggregatorError

#: seconds a subscription lasts: what we grant when nothing is asked, and the bounds of what may be asked
LEASE_S, SHORTEST_LEASE_S, LONGEST_LEASE_S = 10 * 86_400, 300, 30 * 86_400
#: bytes of a secret, less than this (WebSub §5.1)
SECRET_BYTES = 200
_LONGEST_URL = 2000


class HubRefusal(AggregatorError):
    """The request cannot be granted; the message says why, for whoever wrote the subscriber."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubWish:
    """A request as it was sent, fit to be looked into."""

    mode: Literal["subscribe", "unsubscribe", "publish"]
    #: the feeds it is about: one, or for "publish" any number
    topics: tuple[str, ...]
    #: empty for "publish"
    callback: str = ""
    lease_s: int = LEASE_S
    secret: str | None = field(default=None, repr=False)


def read_form(form: Mapping[str, list[str]]) -> HubWish:
    """Return what the form asks for.

    Raises:
        HubRefusal: a field is missing or cannot be used.
    """
    mode = _one(form, "hub.mode")
    topics = tuple(form.get("hub.topic", []))
    if mode == "publish":
        return HubWish(mode="publish", topics=(*topics, *form.get("hub.url", [])))
    if mode not in ("subscribe", "unsubscribe"):
        raise HubRefusal("hub.mode must be subscribe, unsubscribe or publish")
    if len(topics) != 1:
        raise HubRefusal("hub.topic must be given once: the address of a feed")
    return HubWish(
        mode=cast(Literal["subscribe", "unsubscribe"], mode),
        topics=topics,
        callback=_callback(_one(form, "hub.callback")),
        lease_s=_lease(_one(form, "hub.lease_seconds")),
        secret=_secret(_one(form, "hub.secret")),
    )


def _one(form: Mapping[str, list[str]], name: str) -> str:
    values = form.get(name, [])
    if len(values) > 1:
        raise HubRefusal(f"{name} is given more than once")
    return values[0] if values else ""


def _callback(url: str) -> str:
    if not url:
        raise HubRefusal("hub.callback is missing")
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or len(url) > _LONGEST_URL or not url.isprintable() or " " in url or "#" in url:
        raise HubRefusal(
            f"hub.callback must be an http or https URL of at most {_LONGEST_URL} characters without fragment"
        )
    return url


def _lease(text: str) -> int:
    if not text:
        return LEASE_S
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise HubRefusal("hub.lease_seconds must be a whole number of seconds")
    asked = int(text)
    return min(max(asked, SHORTEST_LEASE_S), LONGEST_LEASE_S) if asked else LEASE_S


def _secret(text: str) -> str | None:
    if len(text.encode("utf-8", "replace")) >= SECRET_BYTES:
        raise HubRefusal(f"hub.secret must be less than {SECRET_BYTES} bytes")
    return text or None
