"""Bytes in, something the answers can be made of out: for pages and lists, which have no version."""

from __future__ import annotations

from hashlib import blake2b

from aggregator.model import Rendered
from aggregator.publish.render import encode


def document(body: bytes, media_type: str, links: tuple[str, ...] = ()) -> Rendered:
    """Return *body* with an entity tag made of the bytes themselves, and its compressed codings."""
    return Rendered(
        body=body,
        media_type=media_type,
        etag=blake2b(body, digest_size=12).hexdigest(),
        last_modified=None,
        encoded=encode(body),
        links=links,
    )
