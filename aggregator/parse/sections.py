"""CDATA sections that somebody put into CDATA sections, which XML cannot nest.

A document's text or one value of it flows in, and flows out without the marks that are too many.
"""

from __future__ import annotations

import re

_BEGIN, _END = "<![CDATA[", "]]>"
_BEGINNINGS = re.compile(r"(?:<!\[CDATA\[\s*+)++")
#: ends of inner sections that are looked through for the end of the outer one
_MOST = 50


def unwrapped(value: str) -> str:
    """Return a value that begins with marks of sections without them and their ends."""
    found = _BEGINNINGS.match(value)
    if found is None:
        return value
    return value[found.end() :].replace(_END, "", found[0].count(_BEGIN)).strip()


def joined(text: str) -> str:
    """Return a document in which outer sections hold the texts of their inner ones.

    Scripts in the HTML of a section often bring one. Without an end of its own, a mark is a word.
    """
    parts = text.split(_END)
    made: list[str] = []
    position = 0
    while position < len(parts):
        end = _end_of_outer(parts, position)
        outside, mark, inside = "".join(parts[position : end + 1]).partition(_BEGIN)
        made.append(outside + mark + (inside.replace(_BEGIN, "") if end > position else inside))
        position = end + 1
    return _END.join(made)


def _end_of_outer(parts: list[str], first: int) -> int:
    """Return the part with which the outermost section that is open in the first one ends."""
    depth = parts[first].count(_BEGIN) - 1
    for number in range(first + 1, min(first + _MOST, len(parts) - 1)):
        if depth < 1:
            break
        depth += parts[number].count(_BEGIN) - 1
        if "</item>" in parts[number] or "</entry>" in parts[number]:
            break
        if depth < 1:
            return number
    return first
