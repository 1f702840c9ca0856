"""An edition and a format in, a rendered feed out: body, its compressed codings, validators, links.

The same edition gives the same bytes in every process and after a restart. Nothing here knows the
time, the request or the store.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from hashlib import blake2b

import brotli  # type: ignore[import-untyped]

from aggregator import __version__
from aggregator.model import Edition, FeedHead, Rendered, Site
from aggregator.publish.addresses import FORMATS, MEDIA_TYPES, feed_url, hub_url, page_url
from aggregator.publish.atom import render_atom
from aggregator.publish.jsonfeed import render_json
from aggregator.publish.outgoing import Outgoing
from aggregator.publish.rss import render_rss
from aggregator.publish.whole import items_of

#: raised by hand whenever the same edition would be written in other bytes
RENDERER = 1
CODINGS = ("gzip", "br")
#: a document is compressed anew with every article: less time than the defaults for 2 to 5 % more bytes
_BROTLI_QUALITY = 4
_GZIP_LEVEL = 4

_RENDERERS: dict[str, Callable[[Edition, tuple[Outgoing, ...]], bytes]] = {
    "atom": render_atom,
    "rss": render_rss,
    "json": render_json,
}


def render(edition: Edition, suffix: str) -> Rendered:
    """Return *edition* written as *suffix*: "atom", "rss" or "json".

    Raises:
        KeyError: there is no such format.
    """
    body = _RENDERERS[suffix](edition, items_of(edition))
    return Rendered(
        body=body,
        media_type=MEDIA_TYPES[suffix],
        etag=etag_of(edition.site, edition.feed, suffix),
        last_modified=edition.feed.changed_at,
        encoded=encode(body),
        links=links_of(edition.site, edition.feed, suffix),
    )


def etag_of(site: Site, head: FeedHead, suffix: str) -> str:
    """Return the opaque tag of a feed's document, known before anything is rendered.

    It follows from the stored content version and from all else that shapes the bytes.
    """
    parts = (
        RENDERER, __version__, suffix, site.url, site.title, site.tagline, site.language,
        head.uid, head.version, head.kind, head.slug, head.title, head.description, head.language,
        head.rights, head.content, head.narrowing, site.hub,
    )  # fmt: skip
    return blake2b(repr(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


def encode(body: bytes) -> dict[str, bytes]:
    """Return *body* compressed once in every coding we serve, the same bytes each time."""
    return {coding: encode_as(body, coding) for coding in CODINGS}


def encode_as(body: bytes, coding: str) -> bytes:
    """Return *body* compressed as "gzip" or "br", the same bytes each time."""
    if coding == "gzip":
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)
    compressed: bytes = brotli.compress(body, quality=_BROTLI_QUALITY)
    return compressed


def links_of(site: Site, head: FeedHead, suffix: str) -> tuple[str, ...]:
    """Return the values of the Link header: self, hub, the page, the other formats (RFC 8288)."""
    own = f'<{feed_url(site, head, suffix)}>; rel="self"; type="{MEDIA_TYPES[suffix]}"'
    page = f'<{page_url(site, head)}>; rel="alternate"; type="text/html"'
    others = (
        f'<{feed_url(site, head, other)}>; rel="alternate"; type="{MEDIA_TYPES[other]}"'
        for other in FORMATS
        if other != suffix
    )
    hub = hub_url(site, head)
    return (own, *((f'<{hub}>; rel="hub"',) if hub else ()), page, *others)
