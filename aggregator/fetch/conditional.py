"""One poll of one source: a conditional request out, an Outcome back.

Validators go out exactly as they came, only to the URL that sent them and only in the request
shape that brought them (RFC 9110 §8.8, §13). To that end Validators.url is the answering URL
followed, where the request was not the ordinary one, by a mark in place of a fragment (fragments
never reach a server): ``any`` when only ``Accept: */*`` was welcome, and a hash of credentials
and own header fields. Nothing is stored here, and nothing is raised for what the web does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.fetch.localfile import is_local, read_file
from aggregator.fetch.outcome import failure_of, outcome_of
from aggregator.fetch.shape import shape_of
from aggregator.http.answer import Answer
from aggregator.http.errors import HttpError
from aggregator.http.shape import Headers, RequestShape
from aggregator.http.target import parse_target
from aggregator.model import Claim, Outcome, Validators

if TYPE_CHECKING:  # a command that asks nobody starts without an HTTP client
    from aggregator.http.client import Client

#: feed formats first, then XML in general, then whatever there is
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
ACCEPT_ANY = "*/*"
_ANY_MARK = "any"


async def fetch(client: Client, claim: Claim, now: datetime, *, shape: RequestShape | None = None) -> Outcome:
    """Ask for a source's document, conditionally where its validators allow it.

    Args:
        now: the time of the poll, UTC.
        shape: how this request differs from the ordinary one; None: as the source's settings say.
    """
    if is_local(claim.url):
        return read_file(claim, client.max_bytes)
    shape = shape_of(claim) if shape is None else shape
    spent = 0
    try:
        secret = shape.mark(parse_target(claim.url).authorization)
        wants_any = str(claim.validators.url).endswith(_mark(secret, is_any=True))
        accept = ACCEPT_ANY if wants_any else ACCEPT
        mark = _mark(secret, is_any=wants_any)
        answer, sent = await _ask(client, claim, shape, accept, mark)
        spent += answer.requests
        if answer.status == 406 and not wants_any:
            mark = _mark(secret, is_any=True)
            answer, sent = await _ask(client, claim, shape, ACCEPT_ANY, mark)
            spent += answer.requests
    except HttpError as error:
        failure = failure_of(error)
        return replace(failure, requests=spent + failure.requests)
    return replace(
        outcome_of(answer, mark=mark, sent=sent, now=now), requests=spent, wire_bytes=answer.wire_bytes
    )


async def _ask(
    client: Client, claim: Claim, shape: RequestShape, accept: str, mark: str
) -> tuple[Answer, Validators]:
    """Return the answer and the validators that its request carried."""
    url = _owner(claim.validators, mark)
    conditions = condition_headers(claim.validators) if shape.conditional else ()
    headers_at = {url: conditions} if url and conditions else {}
    answer = await client.request(
        "GET", claim.url, headers=(("Accept", accept),), headers_at=headers_at, shape=shape
    )
    return answer, claim.validators if answer.sent_headers_at else Validators()


def condition_headers(validators: Validators) -> Headers:
    """Return If-None-Match and If-Modified-Since, both where both were given, byte for byte."""
    pairs = (("If-None-Match", validators.etag), ("If-Modified-Since", validators.last_modified))
    return tuple((name, value) for name, value in pairs if value)


def _mark(secret: str, *, is_any: bool) -> str:
    words = [word for word in (_ANY_MARK if is_any else "", secret) if word]
    return "#" + "+".join(words) if words else ""


def _owner(validators: Validators, mark: str) -> str | None:
    """Return the URL the validators may be sent to, None if this request must not carry them."""
    url, hash_sign, found = (validators.url or "").partition("#")
    if hash_sign + found != mark:
        return None
    try:
        return parse_target(url).url
    except HttpError:  # a URL we would not ask today has no validators to send
        return None
