"""What feedparser's parsers write into, made of plain dictionaries.

feedparser's own dictionary looks through other names for each value that is asked for, and every
character of a text is mapped.
"""

from __future__ import annotations

import re
from typing import Any

from feedparser.util import FeedParserDict

#: what stands for printed characters in windows-1252 and for nothing in Unicode
_WINDOWS = re.compile("[\x80-\x9f]")
#: names under which something is stored as something else
_KEPT_AS = {name: kept if isinstance(kept, str) else kept[0] for name, kept in FeedParserDict.keymap.items()}


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
