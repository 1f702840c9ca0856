"""Why a document was not taken: an error of reading flows in, a failed poll's value flows out."""

from __future__ import annotations

from aggregator.errors import LayoutChanged, NotAFeed, ParseError, ParseKilled
from aggregator.model import Failed, FailureKind, Fetched

#: feeds that a reason names
NAMED = 3


def unreadable(error: ParseError, answer: Fetched) -> Failed:
    """Return the failure of a poll whose answer cannot be read."""
    return Failed(
        kind=failure_kind(error),
        reason=_sentence(error),
        status=answer.status,
        hints=answer.hints,
        requests=answer.requests,
        wire_bytes=answer.wire_bytes,
    )


def _sentence(error: ParseError) -> str:
    """Say why, and where a page that stands in place of a feed leads to."""
    found = error.candidates[:NAMED] if isinstance(error, NotAFeed) else ()
    if not found or found[0] in str(error):
        return str(error)
    return f"{error} It leads to {', '.join(found)}."


def failure_kind(error: ParseError) -> FailureKind:
    """Return the class of an error of reading."""
    match error:
        case NotAFeed():
            return FailureKind.NOT_A_FEED
        case ParseKilled():
            return FailureKind.KILLED
        case LayoutChanged():
            return FailureKind.LAYOUT
        case _:
            return FailureKind.PARSE
