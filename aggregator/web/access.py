"""Who may read a private feed: a request in, yes or no out. Tokens are compared in constant time."""

from __future__ import annotations

from flask import Request

from aggregator.model import FeedHead
from aggregator.web.answers import Answer, refused
from aggregator.web.desk import Desk

#: longer ones were never made by us
LONGEST_TOKEN = 200


def refuse(desk: Desk, head: FeedHead, request: Request) -> Answer | None:
    """Return a 401 for a private feed unless the request shows one of its tokens; None to go on."""
    if head.access == "public":
        return None
    secret = _shown(request)
    if secret and len(secret) <= LONGEST_TOKEN and desk.opens(head, secret):
        return None
    return refused(request.method, head.slug)


def _shown(request: Request) -> str | None:
    """Return the token as parameter, as password of any user name (RFC 7617), or as bearer (RFC 6750)."""
    given = request.authorization
    if given is not None and given.type == "basic":
        return given.password
    if given is not None and given.type == "bearer":
        return given.token
    return request.args.get("token")
