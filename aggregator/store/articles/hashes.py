"""The hashes by which articles are looked up, and the ids that are minted. No SQL here."""

from __future__ import annotations

import hashlib
import uuid

from aggregator.model.json_values import clean


def identity_of(source_id: int, key: str) -> bytes:
    """Return what an article is found by: its source's id, then a hash of its key.

    The id in front keeps the rows of one source together in the index, so a poll reads
    a page or two however many articles there are.
    """
    return source_id.to_bytes(8, "big") + hash_of(key)


def hash_of(text: str) -> bytes:
    """Return a short hash that stands for a URL or an id in an index."""
    return hashlib.blake2b(clean(text).encode(), digest_size=12).digest()


def minted_id(first_url: str, key: str, tried: int = 0) -> str:
    """Return the published id of an entry whose own id is taken (RFC 9562 §5.5).

    Args:
        tried: how many minted ones were taken, too.
    """
    minted = uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, first_url), key)
    for _ in range(tried):
        minted = uuid.uuid5(minted, key)
    return minted.urn
