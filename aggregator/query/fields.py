"""The fields of the query language and how their values are read; text in, one leaf of the tree out."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from aggregator.errors import QueryError
from aggregator.query.nodes import (
    Everything,
    Label,
    Node,
    Period,
    Picked,
    Prefix,
    Present,
    Range,
    Regex,
    Rule,
    Words,
)
from aggregator.query.regex import check_pattern
from aggregator.query.text import fold, tokens

#: fields searched by words, phrases, prefixes and patterns
TEXT_FIELDS = ("title", "author", "category")
#: fields compared as whole labels
LABEL_FIELDS = ("source", "tag", "topic", "lang", "site", "url", "has", "type")
RANGE_FIELDS = ("words", "published", "age")
OTHER_FIELDS = ("picked", "rule")
FIELDS = (*TEXT_FIELDS, *LABEL_FIELDS, *RANGE_FIELDS, *OTHER_FIELDS)

#: what ``has:`` knows
PARTS = (
    *("audio", "author", "category", "comments", "content", "date", "enclosure", "image"),
    *("language", "link", "summary", "title", "video"),
)
#: what ``type:`` knows besides media types such as audio/mpeg
TYPES = ("article", "podcast", "audio", "video", "image", "text", "application", "font", "model")

_AGE_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_AGE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhdwy])")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:")
_YES = {"true": True, "yes": True, "false": False, "no": False}


def nearest(word: str, known: Iterable[str]) -> str:
    """Return " (did you mean X?)" for the known word most like *word*, or ""."""
    match = difflib.get_close_matches(fold(word), list(known), n=1, cutoff=0.6)
    return f" (did you mean {match[0]}?)" if match else ""


def unknown_field(name: str, text: str) -> str:
    """Return what to tell who wrote the field *name*, which does not exist, in *text*."""
    advice = nearest(name, FIELDS)
    quoted = text.replace('"', "")
    return f'there is no field "{name}"{advice}; to search for the text itself, quote it: "{quoted}"'


def read_word(field: str, text: str) -> Node:
    """Read one unquoted value, without escapes, of *field* ("" for bare words).

    Raises: QueryError.
    """
    is_prefix = text.endswith("*")
    stem = text.rstrip("*") if is_prefix else text
    if is_prefix and not stem:
        return _present(field)
    if "*" in stem:
        raise QueryError(f'a * works only at the end of a word, not inside "{text}"')
    if "?" in stem.rstrip("?"):
        raise QueryError(f'"?" is no wildcard; in "{text}" use a pattern such as /wom.n/')
    if field in ("", *TEXT_FIELDS):
        return _text(field, stem, text, is_prefix=is_prefix)
    return _value(field, stem, is_prefix=is_prefix)


def read_phrase(field: str, text: str) -> Node:
    """Read one quoted value, quotes and escapes already gone. Raises: QueryError."""
    if field in ("", *TEXT_FIELDS):
        written = text.replace("\\", "\\\\").replace('"', '\\"')
        return _text(field, text, f'"{written}"', is_prefix=False)
    return _value(field, text, is_prefix=False)


def read_regex(field: str, pattern: str) -> Node:
    """Read the inside of ``/pattern/``. Raises: QueryError when it is no pattern of google-re2."""
    if field not in ("", "url", *TEXT_FIELDS):
        raise QueryError(f"{field}: does not take a /pattern/; words, title:, author:, category: and url: do")
    check_pattern(pattern)
    return Regex(field, pattern)


def read_range(field: str, low: str, high: str, *, include_low: bool, include_high: bool) -> Node:
    """Read ``[low TO high]``; "*" is open. Raises: QueryError."""
    text = _range_text(low, high, include_low=include_low, include_high=include_high)
    if field == "published":
        return _period(low, high, text, include_low=include_low, include_high=include_high)
    if field not in ("words", "age"):
        raise QueryError(
            "only words:, published: and age: have ranges"
            if field
            else f"{text} needs a field such as words:"
        )
    read = _seconds if field == "age" else _number
    bottom, top = (None if end == "*" else read(end) for end in (low, high))
    if bottom is not None and top is not None and bottom > top:
        raise QueryError(f"the range {text} is empty: {low} is more than {high}")
    return Range(field, bottom, top, include_low, include_high, text)


def _range_text(low: str, high: str, *, include_low: bool, include_high: bool) -> str:
    if low == "*" != high:
        return f"{'<=' if include_high else '<'}{high}"
    if high == "*" != low:
        return f"{'>=' if include_low else '>'}{low}"
    left, right = "[" if include_low else "{", "]" if include_high else "}"
    return f"{left}{low} TO {high}{right}"


def _present(field: str) -> Node:
    if not field:
        return Everything()
    if field not in (
        "published",
        *TEXT_FIELDS,
        *(field for field in LABEL_FIELDS if field not in ("has", "type")),
    ):
        raise QueryError(f"{field}: takes no *")
    return Present(field)


def _text(field: str, stem: str, text: str, *, is_prefix: bool) -> Node:
    found = tokens(stem)
    if not found:
        raise QueryError(f"{text} holds no letter and no digit, there is nothing to search for")
    if is_prefix and fold(stem)[-1:] in found[-1][-1:]:
        return Prefix(field, tuple(found[:-1]), found[-1], text)
    return Words(field, tuple(found), text)


def _value(field: str, value: str, *, is_prefix: bool) -> Node:
    value = value.strip()
    if not value:
        raise QueryError(f"{field}: needs a value")
    if field in LABEL_FIELDS:
        return _label(field, value if field in ("url", "site") else fold(value), is_prefix=is_prefix)
    if is_prefix:
        raise QueryError(f"{field}: takes no *")
    if field == "words":
        count = _number(value)
        return Range(field, count, count, True, True, value)
    if field == "published":
        return _period(value, value, value, include_low=True, include_high=True)
    if field == "age":
        _seconds(value)
        raise QueryError(f"age: needs a direction: age:<{value} is younger, age:>{value} is older")
    if field == "rule":
        return Rule(value)
    if fold(value) not in _YES:
        raise QueryError(f'{field}: is true or false, not "{value}"')
    return Picked(_YES[fold(value)])


def _label(field: str, value: str, *, is_prefix: bool) -> Node:
    if field == "has" and (value not in PARTS or is_prefix):
        raise QueryError(f'has: does not know "{value}"{nearest(value, PARTS)}; it knows {", ".join(PARTS)}')
    if field == "type" and value.removesuffix("/") not in TYPES and "/" not in value:
        raise QueryError(
            f'type: does not know "{value}"{nearest(value, TYPES)}; it knows article, podcast, audio, video, '
            "image and media types such as audio/mpeg"
        )
    if field == "url":
        value = value.casefold()
    if field == "lang":
        value = value.replace("_", "-")
    if field == "site":
        value = host_key(value)
        if "/" in value:
            raise QueryError("site: takes a host name such as example.org; for the whole address use url:")
    if field == "source" and not is_prefix:
        value = source_key(value)
    return Label(field, value, is_prefix)


def source_key(name: str) -> str:
    """Return the form in which slugs and names of sources are compared: "BBC News" is "bbc-news"."""
    return "-".join(tokens(name))


def host_key(host: str) -> str:
    """Return the form in which hosts are compared: "www.XN--BCHER-KVA.example." is "bücher.example"."""
    labels = host.casefold().removeprefix("www.").strip(".").split(".")
    return unicodedata.normalize("NFC", ".".join(map(_in_letters, labels))).casefold()


def _in_letters(label: str) -> str:
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        letters = label[4:].encode("ascii").decode("punycode")
        letters.encode()  # half a character is no letter
    except UnicodeError:
        return label
    return letters


def _number(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise QueryError(f'"{text}" is no number')
    return float(text)


def _seconds(text: str) -> float:
    match = _AGE.fullmatch(text.lower())
    if match is None:
        raise QueryError(f'"{text}" is no age; write a number and s, m, h, d, w or y, such as 30m, 12h or 7d')
    return float(match[1]) * _AGE_UNITS[match[2]]


def _period(low: str, high: str, text: str, *, include_low: bool, include_high: bool) -> Period:
    start = end = None
    if low != "*":
        first, after = _instants(low)
        start = first if include_low else after
    if high != "*":
        first, after = _instants(high)
        end = after if include_high else first
    if start is not None and end is not None and start >= end:
        raise QueryError(f"the range {text} holds no moment")
    return Period(start, end, text)


def _instants(text: str) -> tuple[datetime, datetime]:
    """The first moment of a year, month, day or second, and the first moment after it (UTC)."""
    try:
        match = _DATE.fullmatch(text)
        if match is None:
            moment = datetime.fromisoformat(text if _MOMENT.match(text) else "")
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            return moment, moment + timedelta(seconds=1)
        year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
        first = datetime(year, month, day, tzinfo=UTC)
        if match[3]:
            return first, first + timedelta(days=1)
        if match[2]:
            return first, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return first, datetime(year + 1, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        raise QueryError(
            f'"{text}" is no date; write 2026, 2026-01, 2026-01-31 or 2026-01-31T12:00:00Z'
        ) from None
