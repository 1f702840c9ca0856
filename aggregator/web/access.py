"""Who may read a private feed: who shows one of its tokens. They are compared in constant time."""

from __future__ import annotations

from flask import abort, request

from aggregator.model import FeedHead
from aggregator.web.answers import refused
from aggregator.web.current import desk, respond

#: longer ones were never made by us
LONGEST_TOKEN = 200


def let_in(head: FeedHead) -> None:
    """End a request for a private feed with 401 unless it shows one of the feed's tokens."""
    if head.access == "public":
        return
    secret = _shown()
    if not secret or len(secret) > LONGEST_TOKEN or not desk().opens(head, secret):
        abort(respond(refused(request.method, head.slug)))


def _shown() -> str | None:
    """Return the token as parameter, as password of any user name (RFC 7617), or as bearer (RFC 6750)."""
    given = request.authorization
    if given is not None and given.type == "basic":
        return given.password
    if given is not None and given.type == "bearer":
        return given.token
    return request.args.get("token")
