"""Why a document was not taken: whatever goes wrong while reading flows in, an error by name flows out.

And from that the value of a failed poll.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aggregator.errors import LayoutChanged, NotAFeed, ParseError, ParseKilled
from aggregator.model import Failed, FailureKind, Fetched

#: feeds that a reason names
NAMED = 3
#: characters of an address that a reason says
MOST_OF_URL = 200


@contextmanager
def named_errors(what: str) -> Iterator[None]:
    """Let nothing but ParseError out, with *what* ("document", "page") in its words."""
    try:
        yield
    except ParseError:
        raise
    except RecursionError as error:
        raise ParseError(f"The {what} nests too deeply to be read.") from error
    except MemoryError as error:
        raise ParseKilled(f"Reading the {what} took too much memory.") from error
    except Exception as error:
        # the last fence before arbitrary bytes from the web; the cause stays attached for the log
        raise ParseError(f"The {what} cannot be read ({type(error).__name__}).") from error


def unreadable(error: ParseError, answer: Fetched) -> Failed:
    """Return the failure of a poll whose answer cannot be read."""
    # what stands in a query may be a secret
    place = answer.url.partition("?")[0][:MOST_OF_URL]
    return Failed(
        kind=failure_kind(error),
        reason=_sentence(error) + (f" A redirect led to {place}." if answer.is_redirected else ""),
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
