"""Why a document was not taken: an error of reading flows in, a failed poll's value flows out."""

from __future__ import annotations

from aggregator.errors import LayoutChanged, NotAFeed, ParseError, ParseKilled
from aggregator.model import Failed, FailureKind, Fetched


def unreadable(error: ParseError, answer: Fetched) -> Failed:
    """Return the failure of a poll whose answer cannot be read."""
    return Failed(
        kind=failure_kind(error),
        reason=str(error),
        status=answer.status,
        hints=answer.hints,
        requests=answer.requests,
        wire_bytes=answer.wire_bytes,
    )


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
