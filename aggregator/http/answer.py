"""What a server answered, whole and decoded, as one frozen value.

Header values come in as bytes and are offered twice: exactly, for validators that must go back
byte for byte, and cleaned, for everybody who reads, logs or stores them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from aggregator.http.errors import clean_text
from aggregator.http.redirects import Hop

RawHeaders = tuple[tuple[bytes, bytes], ...]
_VALUE_CHARS = 16_000
#: servers take some 8 kB of header fields and refuse a request beyond that, the same each time
_SENDABLE_BYTES = 4000
#: what no field value can carry back; a tab can
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The last answer of a request and the way to it."""

    #: who answered, after redirects; no fragment, no credentials
    url: str
    status: int
    #: lower-case names; several values of one name are joined with ", "; no control characters
    headers: dict[str, str] = field(hash=False)
    #: as received, in order
    raw_headers: RawHeaders = ()
    #: decoded; of an error (400 and above) or the answer to a POST only the beginning
    body: bytes = b""
    #: size of the body as transferred
    wire_bytes: int = 0
    #: the redirects followed, in order
    hops: tuple[Hop, ...] = ()
    #: target of an unbroken chain of 301/308; None if not moved
    moved_to: str | None = None
    #: this answer came to a request that carried the ``headers_at`` fields of its URL
    sent_headers_at: bool = False

    @property
    def requests(self) -> int:
        """How many requests it took: the redirects and this one."""
        return len(self.hops) + 1

    def exact(self, name: str) -> str | None:
        """Return the first value of *name* such that sending it gives the same bytes; None if absent.

        Also None for an empty value and for one that cannot be sent back unchanged (no valid
        UTF-8, control characters, longer than servers take): better no validator than a changed one.
        """
        raw = first_value(self.raw_headers, name)
        try:
            value = raw.decode("utf-8")
        except UnicodeDecodeError:
            return None
        return None if not value or len(raw) > _SENDABLE_BYTES or _CONTROL.search(value) else value


def first_value(raw_headers: RawHeaders, name: str) -> bytes:
    """Return the first value of a header field; empty if it is absent."""
    wanted = name.lower().encode("ascii")
    return next((value for key, value in raw_headers if key.lower() == wanted), b"")


def clean_headers(raw_headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return header fields for reading: lower-case names, joined values, no control characters."""
    fields: dict[str, str] = {}
    for raw_name, raw_value in raw_headers:
        name = clean_text(raw_name.decode("latin-1").lower())
        value = clean_text(_readable(raw_value), _VALUE_CHARS)
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _readable(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
