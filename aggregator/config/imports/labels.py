"""Bytes of lists become text, their texts one clean line; other people's folder names and labels, tags."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Container, Iterable

#: of one source
MOST_TAGS = 50
#: with a number or two behind it a slug can be a tag, too
_LONGEST_SLUG = 50
#: what XML says that it is written in; of UTF-16 its bytes tell, and programs say it of others, too
_ENCODING = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']"""
    rb"""((?:utf-8|iso-|windows-|cp|koi8|shift_jis|euc-|gb|big5|mac)[\w-]*)["']""",
    re.IGNORECASE,
)
#: what no file may hold, and what has text read in another direction than it stands
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+")


def text_of(body: bytes) -> str:
    """Return the text of a list: as it says, else in UTF-8, else in the letters that Windows had for it."""
    if b"\0" in body[:4] or body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        is_big = body.startswith((b"\0", codecs.BOM_UTF16_BE))
        return body.decode("utf-16-be" if is_big else "utf-16-le", "replace").removeprefix("\ufeff")
    said = _ENCODING.match(body)
    for encoding in (said[1].decode("ascii") if said else "utf-8", "utf-8"):
        try:
            return body.decode(encoding).removeprefix("\ufeff")
        except (LookupError, UnicodeError):
            continue
    return body.decode("cp1252", "replace")


def tag_of(label: str) -> str:
    """Return *label* as a tag of ours, such as "World News" as world-news; empty if nothing is left."""
    word = re.sub(r"[^\w.]+", "-", label.strip().lower()).strip("-._")
    return re.sub(r"^[\W_]+", "", word)[:60].rstrip("-.")


def tags_of(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of several labels, in order, none twice, at most as many as a source may have."""
    return tuple(dict.fromkeys(tag for label in labels if (tag := tag_of(label))))[:MOST_TAGS]


def line_of(text: object, longest: int = 300) -> str:
    """Return *text* on one line without unprintable characters; empty for what is no text."""
    return " ".join(printable(text).split())[:longest] if isinstance(text, str) else ""


def printable(text: str) -> str:
    """Return *text* with a blank for what may not stand in a file of ours."""
    return _UNPRINTABLE.sub(" ", text)


def shown(url: str) -> str:
    """Return *url* for a message; what stands before an @ may be a password."""
    return line_of(re.sub(r"//[^/@]*@", "//…@", url), 200)


def free_slug(text: str, taken: Container[str]) -> str:
    """Return a slug for *text* that is not *taken*: letters a-z, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    wanted = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].rstrip("-") or "feed"
    free, number = wanted, 1
    while free in taken:
        number += 1
        free = f"{wanted}-{number}"
    return free
