"""An edition and a format in, a rendered feed out: body, its compressed codings, validators, links.

The same edition gives the same bytes in every process and after a restart. Nothing here knows the
time, the request or the store.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b

import brotli  # type: ignore[import-untyped]

from aggregator import __version__
from aggregator.model import Edition, FeedHead, Rendered, Site
from aggregator.publish.addresses import (
    FORMATS,
    MEDIA_TYPES,
    archive_url,
    document_url,
    feed_url,
    hub_of,
    page_url,
    past_links,
)
from aggregator.publish.atom import render_atom
from aggregator.publish.jsonfeed import render_json
from aggregator.publish.outgoing import Outgoing
from aggregator.publish.rss import render_rss
from aggregator.publish.whole import items_of

#: raised by hand whenever the same edition would be written in other bytes
RENDERER = 1
CODINGS = ("gzip", "br")
#: compressed anew with every article: a third of the time of the defaults, for a tenth more bytes
_BROTLI_QUALITY = 3
#: seconds an archive may be reused without asking: it changes only by what is withdrawn
ARCHIVE_S = 7 * 86_400
_GZIP_LEVEL = 2

RENDERERS: dict[str, Callable[[Edition, tuple[Outgoing, ...]], bytes]] = {
    "atom": render_atom,
    "rss": render_rss,
    "json": render_json,
}


def render(edition: Edition, suffix: str) -> Rendered:
    """Return *edition* written as *suffix*: "atom", "rss" or "json".

    Raises:
        KeyError: there is no such format.
    """
    body = RENDERERS[suffix](edition, items_of(edition))
    archive, head = edition.archive, edition.feed
    return Rendered(
        body=body,
        media_type=MEDIA_TYPES[suffix],
        # an archive stays the same whatever happens to its feed, and so does its tag
        etag=tag_of(body) if archive else etag_of(edition.site, head, suffix),
        last_modified=archive.changed_at if archive else head.changed_at,
        encoded=Codings(body),
        links=links_of(edition, suffix),
        noindex=head.noindex or any(item.source.noindex for item in edition.items),
        max_age_s=ARCHIVE_S if archive else None,
    )


def etag_of(site: Site, head: FeedHead, suffix: str) -> str:
    """Return the opaque tag of a feed's document, known before anything is rendered.

    It follows from the stored content version and from all else that shapes the bytes.
    """
    parts = (
        RENDERER, __version__, suffix, site.url, site.title, site.tagline, site.language,
        head.uid, head.version, head.kind, head.slug, head.title, head.description, head.language,
        head.rights, head.content, head.narrowing, head.noindex, head.newest_archive, site.hub,
    )  # fmt: skip
    return blake2b(repr(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


def document(body: bytes, media_type: str, links: tuple[str, ...] = (), *, noindex: bool = False) -> Rendered:
    """Return *body*, a page or a list that has no stored version: its entity tag is made of the bytes."""
    return Rendered(
        body=body,
        media_type=media_type,
        etag=tag_of(body),
        last_modified=None,
        encoded=Codings(body),
        links=links,
        noindex=noindex,
    )


class Codings(Mapping[str, bytes]):
    """A body compressed in every coding we serve, each made when somebody first takes it."""

    __slots__ = ("_body", "_made")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._made: dict[str, bytes] = {}

    def __getitem__(self, coding: str) -> bytes:
        if coding not in self._made:
            self._made[coding] = encode_as(self._body, coding)
        return self._made[coding]

    def __contains__(self, coding: object) -> bool:
        return coding in CODINGS

    def __iter__(self) -> Iterator[str]:
        return iter(CODINGS)

    def __len__(self) -> int:
        return len(CODINGS)


def encode_as(body: bytes, coding: str) -> bytes:
    """Return *body* compressed as "gzip" or "br", the same bytes each time."""
    if coding == "gzip":
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)
    compressed: bytes = brotli.compress(body, quality=_BROTLI_QUALITY)
    return compressed


def links_of(edition: Edition, suffix: str) -> tuple[str, ...]:
    """Return the values of the Link header: self, hub, the page, the other formats, the past (RFC 8288)."""
    site, head, archive = edition.site, edition.feed, edition.archive
    links = [(document_url(edition, suffix), "self", MEDIA_TYPES[suffix])]
    links.append((page_url(site, head), "alternate", "text/html"))
    for other in FORMATS:
        if other != suffix:
            url = archive_url(site, head, archive.number, other) if archive else feed_url(site, head, other)
            links.append((url, "alternate", MEDIA_TYPES[other]))
    links += [(url, rel, MEDIA_TYPES[suffix]) for rel, url in past_links(edition, suffix)]
    written = [f'<{url}>; rel="{rel}"; type="{kind}"' for url, rel, kind in links]
    if hub := hub_of(edition):
        written.insert(1, f'<{hub}>; rel="hub"')
    return tuple(written)


def tag_of(body: bytes) -> str:
    """Return an opaque tag made of the bytes themselves, for what has no stored version."""
    return blake2b(body, digest_size=12).hexdigest()
