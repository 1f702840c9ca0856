"""What can go wrong between us and a server, as one tree.

    HttpError                   .reason is one sentence a person can act on, .url has no credentials
    ├── Refused                 our guard: private address, forbidden scheme, malformed URL
    ├── DnsFailed               the name has no address
    ├── ConnectFailed           nobody answers there, or the connection broke before the answer
    ├── TlsFailed               certificate or handshake
    ├── TimedOut                the total deadline or a step's own limit passed
    ├── TransferBroken          truncated, wrong length, broken content coding, malformed answer
    ├── TooLarge                more bytes than we are willing to take
    └── RedirectFailed          loop, too many, no usable Location

Everything a server or a redirect wrote passes through clean_text before it becomes part of a
sentence: no control characters, no lone surrogates, bounded length.
"""

from __future__ import annotations

import re
from typing import ClassVar

from aggregator.errors import AggregatorError
from aggregator.model import FailureKind

#: characters of a reason, at most
REASON_CHARS = 300

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+"
)


def clean_text(text: str, limit: int = REASON_CHARS) -> str:
    """Return *text* on one line of at most *limit* characters, without control characters.

    Bidirectional overrides and lone surrogates go too: the result may be logged, stored and shown.
    """
    line = " ".join(_UNSAFE.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


class HttpError(AggregatorError):
    """A request that brought no usable answer."""

    kind: ClassVar[FailureKind]

    def __init__(self, reason: str, url: str = "") -> None:
        self.reason = clean_text(reason)
        self.url = clean_text(url, 2000)
        #: somebody took the connection before it broke
        self.is_reached = False
        #: how many were sent, redirects and the one that failed among them
        self.requests = 0
        super().__init__(self.reason)


class Refused(HttpError):
    """We did not connect: the address or the URL is not one we may ask."""

    kind = FailureKind.REFUSED


class DnsFailed(HttpError):
    """The host's name could not be turned into an address."""

    kind = FailureKind.DNS


class ConnectFailed(HttpError):
    """No connection, or it ended before the answer began."""

    kind = FailureKind.CONNECT


class TlsFailed(HttpError):
    """The server's certificate or its TLS could not be accepted."""

    kind = FailureKind.TLS


class TimedOut(HttpError):
    """The answer was not complete in time."""

    kind = FailureKind.TIMEOUT


class TransferBroken(HttpError):
    """The answer was cut short or cannot be decoded."""

    kind = FailureKind.TRANSFER


class TooLarge(HttpError):
    """The answer is larger than the limits allow."""

    kind = FailureKind.TOO_LARGE


class RedirectFailed(HttpError):
    """Following the redirects led nowhere."""

    kind = FailureKind.REDIRECT
