"""Filters of other programs become conditions in our query language.

Planet, Venus and Pluto filter by regular expressions that are mostly lists of words:
``python|"web dev"`` becomes words, anything else stays a ``/pattern/``. Where another program
tells fields or capitals apart, the pattern stays a pattern. One that cannot be run in linear
time is refused by the query language, and the caller says so.

A condition is one term, or several in parentheses, perhaps with a minus before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from aggregator.errors import QueryError
from aggregator.query.parse import parse_query
from aggregator.query.regex import MAX_PATTERN

_PLAIN = re.compile(r"[\w .'+-]+", re.UNICODE)
_FLAGS = re.compile(r"\(\?-?[a-z]+\)")


def condition_of(pattern: str) -> str | None:
    """Return a query that matches what *pattern* finds; None if it cannot be said in a query.

    Args:
        pattern: a regular expression; letters match in either case.
    """
    pattern = pattern.strip().removeprefix("(?i)")
    bare = re.sub(r"\\b|\(\?:|[()]", "", pattern)
    alternatives = [part.strip() for part in bare.split("|")]
    if all(part and _PLAIN.fullmatch(part) and re.search(r"\w", part) for part in alternatives):
        words = [part if part.isalnum() else f'"{part}"' for part in alternatives]
        query = words[0] if len(words) == 1 else f"({' OR '.join(words)})"
    else:
        query = f"/(?i){_slashed(pattern)}/"
    return query if is_query(query) else None


def pattern_in(fields: Iterable[str], pattern: str) -> str | None:
    """Return a query that finds *pattern* in one of *fields*; None if it cannot be said in a query.

    Args:
        fields: of the query language; "" is title, summary and content.
        pattern: a regular expression; capital and small letters are told apart unless it begins
            with ``(?i)``. One that is too long is taken apart at its alternatives.
    """
    flags = match[0] if (match := _FLAGS.match(pattern)) else ""
    rest = pattern[len(flags) :]
    if "i" in flags.partition("-")[0]:
        flags = flags if flags != "(?i)" else ""
    elif any(map(str.isalpha, rest)):
        flags = "(?-i)" + flags
    try:
        is_short = len(flags + rest) <= MAX_PATTERN
        parts = (
            [rest]
            if is_short
            else list(packed(_alternatives(rest), "|", lambda some: len(flags + some) <= MAX_PATTERN))
        )
    except RecursionError:  # groups in groups in groups
        return None
    prefixes = [f"{field}:" if field else "" for field in fields]
    return any_of([f"{prefix}/{_slashed(flags + part)}/" for prefix in prefixes for part in parts])


def text_in(field: str, text: str) -> str | None:
    """Return a query that finds the characters of *text*, of either case, in *field*; None if it cannot."""
    return any_of([f"{field}:" * bool(field) + f"/{_slashed(literal(text))}/"])


def literal(text: str) -> str:
    """Return a pattern that matches *text* itself."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)


def any_of(queries: list[str]) -> str | None:
    """Return one condition that holds where one of *queries* does; None if it is no query."""
    joined = queries[0] if len(queries) == 1 else f"({' OR '.join(queries)})"
    return joined if is_query(joined) else None


def negated(condition: str) -> str:
    """Return the opposite of *condition*."""
    return condition[1:] if condition.startswith("-") else f"-{condition}"


def is_query(text: str) -> bool:
    """Tell whether *text* can be read as a query."""
    try:
        parse_query(text)
    except QueryError:
        return False
    return True


def _slashed(pattern: str) -> str:
    return re.sub(r"(?<!\\)/", r"\/", pattern)


def packed(parts: Iterable[str], joint: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """Yield *parts* joined, as many together as fit; what does not fit stands alone."""
    held = ""
    for part in parts:
        longer = f"{held}{joint}{part}" if held else part
        if held and not fits(longer):
            yield held
            longer = part
        held = longer
    if held:
        yield held


def _alternatives(pattern: str) -> list[str]:
    """Return the parts between the outermost bars of *pattern*, also where one group is around all."""
    depth, in_class, start, parts = 0, False, 0, []
    for match in re.finditer(r"\\.|[()|\[\]]", pattern, re.DOTALL):
        sign = match[0]
        if in_class:
            in_class = sign != "]"
        elif sign == "[":
            in_class = True
        elif sign == "|" and depth == 0:
            parts.append(pattern[start : match.start()])
            start = match.end()
        else:
            depth += {"(": 1, ")": -1}.get(sign, 0)
    if not parts and (inside := re.fullmatch(r"\((?:\?:)?(.*)\)", pattern, re.DOTALL)):
        return _alternatives(inside[1])
    return [*parts, pattern[start:]]
