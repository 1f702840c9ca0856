"""From an answer, or the lack of one, to the Outcome of a poll.

Statuses become Fetched, NotModified, Gone or Failed; errors become Failed with the class that
``status`` shows. Every reason is one sentence, on one line, of bounded length, without
credentials or control characters. Nothing is asked and no clock is read here.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from aggregator.fetch.challenge import find_wall
from aggregator.http.answer import Answer
from aggregator.http.errors import HttpError, clean_text
from aggregator.http.freshness import header_hints
from aggregator.model import Failed, FailureKind, Fetched, Gone, Hints, NotModified, Outcome, Validators

#: what a person can do about a status; others are named only
_ADVICE = {
    204: "there is no document at this address now",
    206: "only a part of the document came although all of it was asked for",
    400: "the server does not understand the request; check the URL",
    401: "it wants a user name and password; set auth for this source",
    402: "it wants payment",
    403: "the server refuses us; the feed may be private, or our address or User-Agent blocked",
    404: "there is nothing at this address; look for the feed's new URL on the site",
    405: "this address is not meant to be read; check the URL",
    406: "the server has no form of the document that it would give us",
    407: "the proxy wants a user name and password",
    421: "the server is not responsible for this host; check the URL",
    429: "we ask too often",
    451: "it is withheld for legal reasons",
}


def outcome_of(answer: Answer, *, mark: str, sent: Validators, now: datetime) -> Outcome:
    """Return what *answer* means for the poll.

    Args:
        mark: what to append to the answer's URL in its validators (see conditional.py).
        sent: the validators that went out on the last hop; empty if none did.
    """
    hints = header_hints(answer.headers, now)
    wall = find_wall(answer)
    if wall is not None:
        return _walled(answer, wall, hints)
    if answer.status in {200, 203}:
        return _fetched(answer, mark, hints)
    if answer.status == 304:
        return _not_modified(answer, sent, hints)
    if answer.status == 410:
        return Gone(reason="the publisher says this feed is gone for good (410)")
    return _failed(answer, hints)


def failure_of(error: HttpError) -> Failed:
    """Return the failed poll that *error* means."""
    return Failed(
        kind=error.kind, reason=_sentence(error.reason), requests=error.requests, is_reached=error.is_reached
    )


def _fetched(answer: Answer, mark: str, hints: Hints) -> Outcome:
    if not answer.body.strip():
        return Failed(
            kind=FailureKind.TRANSFER,
            reason="It answered with an empty document.",
            status=answer.status,
            hints=hints,
        )
    return Fetched(
        url=answer.url,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        validators=Validators(answer.exact("etag"), answer.exact("last-modified"), answer.url + mark),
        hints=hints,
        moved_to=answer.moved_to,
        is_redirected=bool(answer.hops),
        wire_bytes=answer.wire_bytes,
    )


def _not_modified(answer: Answer, sent: Validators, hints: Hints) -> Outcome:
    if sent == Validators():
        reason = "It answered 304 Not Modified although the whole document was asked for."
        return Failed(kind=FailureKind.HTTP, reason=reason, status=304, hints=hints)
    # RFC 9111 §4.3.4: what the 304 carries replaces what was stored, the rest stays.
    refreshed = Validators(
        answer.exact("etag") or sent.etag, answer.exact("last-modified") or sent.last_modified, sent.url
    )
    return NotModified(validators=refreshed, hints=hints, moved_to=answer.moved_to)


def _walled(answer: Answer, wall: str, hints: Hints) -> Failed:
    reason = (
        f"A bot wall ({wall}) answered: ask the publisher to let feed readers through, or set a "
        "user_agent, headers or proxy that it lets through."
    )
    return Failed(kind=FailureKind.CHALLENGE, reason=reason, status=answer.status, hints=hints)


def _failed(answer: Answer, hints: Hints) -> Failed:
    status = answer.status
    is_limited = status == 429 or (status == 503 and hints.retry_after_s is not None)
    kind = FailureKind.RATE_LIMITED if is_limited else FailureKind.HTTP
    return Failed(kind=kind, reason=_status_sentence(answer, hints), status=status, hints=hints)


def _status_sentence(answer: Answer, hints: Hints) -> str:
    status = answer.status
    advice = _ADVICE.get(status, "the server has a problem of its own" if status >= 500 else "")
    if status in {429, 503} and (hints.retry_after_s or 0) > 0:
        said = "the server is busy" if status == 503 else advice
        advice = f"{said}; the wait it states is kept"
    where = " after a redirect" if answer.hops else ""
    return _sentence(f"it answered {_status_name(status)}{where}" + (f": {advice}" if advice else ""))


def _status_name(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _sentence(text: str) -> str:
    text = clean_text(text)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "…")) else ".")
