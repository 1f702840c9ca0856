"""Text in, text out that XML and JSON can carry: the last guard before a document is built.

Entries were cleaned when they came in; what a person wrote into the configuration, or what an
older release stored, was perhaps not, and one such character costs the whole document.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

#: not a Char of XML 1.0 §2.2 (C0 but tab and newlines, lone surrogates, U+FFFE, U+FFFF), or advised
#: against there (DEL, C1); within the first plane, so that the pattern stays a table
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}\Z")
#: RFC 3987 allows none of these anywhere, RFC 3986 wants them escaped
_NOT_IN_IRI = re.compile(r"[\s<>\"{}|\\^`\x00-\x20]")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def clean(text: str | None) -> str:
    """Return *text* without the characters no document may carry; empty for None."""
    if not text:
        return ""
    # what is printable holds none of them; asking that is ten times cheaper than looking for them
    return text if text.replace("\n", "").isprintable() else _FORBIDDEN.sub("", text)


def clean_line(text: str | None) -> str:
    """Return *text* cleaned and on one line: every run of white space is one blank."""
    return " ".join(clean(text).split())


@lru_cache(maxsize=4096)
def web_url(url: str | None) -> str | None:
    """Return *url* if it is an absolute http or https address a document may link to, else None.

    Characters no IRI may hold are percent-encoded, as browsers do.
    """
    cleaned = clean(url).strip()
    if not cleaned:
        return None
    try:
        parts = urlsplit(cleaned)
        is_web = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return _escape(cleaned) if is_web else None


def is_iri(text: str) -> bool:
    """Say whether *text* can stand as atom:id as it is (RFC 4287 §4.2.6: an absolute IRI)."""
    return bool(_IRI.match(text)) and not _NOT_IN_IRI.search(text) and not _FORBIDDEN.search(text)


def media_type(text: str | None) -> str | None:
    """Return *text* as a bare media type in lower case (RFC 9110 §8.3.1), None if it is none."""
    kind = clean(text).partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.match(kind) else None


def language_tag(text: str | None) -> str | None:
    """Return *text* as a BCP 47 tag, None if it is none ("english", "en_gb" is read as en-gb)."""
    tag = clean(text).strip().replace("_", "-")
    return tag if _LANGUAGE.match(tag) and len(tag) <= 35 else None


def _escape(url: str) -> str:
    encoded = _NOT_IN_IRI.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)
    return _BAD_ESCAPE.sub("%25", encoded)
