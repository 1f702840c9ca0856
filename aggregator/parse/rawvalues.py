"""What feedparser's parsers write into, made of plain dictionaries.

feedparser's own dictionary looks through other names for each value that is asked for, and every
character of a text is mapped. The handlers are those of elements that only get a slot of their own:
a name in, handlers out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from feedparser.util import FeedParserDict

#: what stands for printed characters in windows-1252 and for nothing in Unicode
_WINDOWS = re.compile("[\x80-\x9f]")
#: names under which something is stored as something else
_KEPT_AS = {name: kept if isinstance(kept, str) else kept[0] for name, kept in FeedParserDict.keymap.items()}
#: of a start tag, given the parser and its attributes; and of an end tag
Start = Callable[[Any, dict[str, str]], object]
End = Callable[[Any], object]


def text_at(values: dict[str, Any], name: str) -> str:
    """Return the text that is stored under a name; empty where there is none, or something else."""
    value = values.get(name)
    return value if isinstance(value, str) else ""


class EntryValues(dict[str, Any]):
    """What is read of one entry; two of them are never the same."""

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __setitem__(self, name: str, value: Any) -> None:
        dict.__setitem__(self, _KEPT_AS.get(name, name), value)


class Text(str):
    """A text that feedparser maps from windows-1252 to Unicode; one without such characters is let be."""

    def translate(self, table: Any) -> str:
        # looking for them takes a tenth of the time that mapping every character does
        return super().translate(table) if _WINDOWS.search(self) else str(self)


def construct(name: str, kind: str = "text/plain") -> tuple[Start, End]:
    """Return what keeps a text construct; of *kind* where it states none."""
    return (
        lambda parser, attrs: parser.push_content(name, attrs, kind, 1),
        lambda parser: parser.pop_content(name),
    )


def leaf(name: str) -> Start:
    """Return what keeps the text of an element, whatever attributes it has."""
    return lambda parser, _: parser.push(name, 1)


def unkept(name: str) -> tuple[Start, End]:
    """Return what passes over an element whose name is that of a slot for something else."""
    return lambda parser, _: parser.push(name, 0), lambda parser: parser.pop(name)


def ended(name: str) -> End:
    """Return what ends an element that was begun under *name*, and does nothing else with its text."""
    return lambda parser: parser.pop(name)


def collected(name: str, slot: str) -> Start:
    """Return what adds the attributes of every such element to the list in *slot*."""

    def start(parser: Any, attrs: dict[str, str]) -> None:
        parser._get_context().setdefault(slot, []).append(dict(attrs))
        parser.push(name, 0)

    return start
