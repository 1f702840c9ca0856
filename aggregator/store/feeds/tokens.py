"""Tokens that open private feeds: made, listed, revoked. Only their hashes are stored.

In: feeds and secrets. Out: who may read. A token is 32 random bytes, so a plain hash of it
cannot be guessed back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from aggregator.model import FeedHead
from aggregator.store.rows import value_of
from aggregator.store.tables import feeds, tokens

t, f = tokens.c, feeds.c


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret."""

    id: int
    #: slug of the feed it opens
    feed: str
    #: whose it is, as the person who made it said
    name: str
    made_at: datetime


def add_token(connection: Connection, head: FeedHead, name: str, now: datetime) -> str:
    """Make a token for a feed and return it; nobody can ask for it again."""
    secret = secrets.token_urlsafe(32)
    connection.execute(
        insert(tokens).values(feed_id=head.id, name=name, hash=hash_of_token(secret), made_at=now)
    )
    return secret


def list_tokens(connection: Connection, slug: str | None = None) -> tuple[Token, ...]:
    """Return the tokens in force, oldest first; of one feed, or of all where *slug* is None."""
    query = (
        select(t.id, f.slug.label("feed"), t.name, t.made_at).join(feeds, f.id == t.feed_id).order_by(t.id)
    )
    if slug is not None:
        query = query.where(f.kind == "feed", f.slug == slug)
    return tuple(value_of(Token, row) for row in connection.execute(query))


def revoke_token(connection: Connection, token_id: int) -> bool:
    """Make a token worthless; False if there is none of that number."""
    return connection.execute(delete(tokens).where(t.id == token_id)).rowcount > 0


def load_hashes(connection: Connection, feed_id: int) -> tuple[bytes, ...]:
    """Return the hashes of all tokens that open a feed."""
    return tuple(bytes(found) for found in connection.scalars(select(t.hash).where(t.feed_id == feed_id)))


def opens(secret: str, hashes: tuple[bytes, ...]) -> bool:
    """Tell whether *secret* is one of the tokens, in a time that tells nothing about them."""
    asked = hash_of_token(secret)
    is_known = False
    for known in hashes:
        is_known |= hmac.compare_digest(asked, known)
    return is_known


def hash_of_token(secret: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
