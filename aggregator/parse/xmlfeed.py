"""RSS and Atom: the text of an XML document becomes feedparser's raw values.

feedparser's two parsers are driven here instead of through ``feedparser.parse`` because that
one guesses charsets anew, opens strings as files, and has no place for our vocabulary. Nothing
is mapped here; see mapping.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import feedparser.api
from feedparser.sanitizer import replace_doctype

from aggregator.errors import ParseError
from aggregator.parse import repair
from aggregator.parse.prefilter import Cut, Places
from aggregator.parse.shortcuts import Shortcuts
from aggregator.parse.strict import StrictReader
from aggregator.parse.vocabulary import NAMESPACES, Vocabulary


class _Strict(Shortcuts, Vocabulary, feedparser.api.StrictFeedParser):  # type: ignore[misc]
    pass


#: elements that stand in no text, whatever markup that has: before them, it was only not ended
_IN_NO_TEXT = frozenset(
    "item entry guid pubdate description enclosure category content:encoded dc:creator dc:date".split()  # noqa: SIM905
)
_ENTRIES = frozenset({"item", "entry"})
#: what an entry has at least one of
_TOLD = frozenset({"id", "title", "link"})


class _Loose(Vocabulary, feedparser.api.LooseFeedParser):  # type: ignore[misc]
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # prefixes that people use without declaring them
        self.namespacemap.update(rss="", atom="", atom10="", a10="")

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if tag in _IN_NO_TEXT:
            self._end_texts()
        if tag in _ENTRIES and self.inentry and not _TOLD.isdisjoint(self.entries[-1]):
            self.unknown_endtag(tag)  # the entry before it was not ended
        super().unknown_starttag(tag, attrs)

    def unknown_endtag(self, tag: str) -> None:
        if tag in _ENTRIES:
            self._end_texts()
        super().unknown_endtag(tag)

    def _end_texts(self) -> None:
        """End the text that is open, and take it for its element's."""
        while self.incontent > 0 and self.elementstack:
            self.pop_content(self.elementstack[-1][0])
            self._leave()


#: what expat says of a document that ends too early, and of one that goes on behind its end
_CUT_OFF = ("no element found", "unclosed token", "unclosed CDATA")
_AFTER_THE_END = "junk after document element"


@dataclass(frozen=True, slots=True)
class RawFeed:
    """What feedparser made of one document."""

    version: str
    feed: dict[str, Any]
    entries: list[dict[str, Any]]
    warnings: tuple[str, ...] = ()
    #: where the entries stand in the text; None where it was not read as it is, or that cannot be told safely
    cut: Cut | None = None


def read_xml(text: str, language: str | None = None) -> RawFeed:
    """Return the raw values of an XML feed.

    Strict reading first; then strict reading of the repaired text; then the entries that were
    complete before the document was cut off; then feedparser's forgiving parser.

    Args:
        text: the document, decoded, without XML declaration and byte order mark.
        language: what the server says; None if silent.

    Raises:
        ParseError: not even the forgiving parser could read it.
    """
    source = text.encode("utf-8", "replace")
    version, data, entities = replace_doctype(source)
    places = Places(data)
    parser, problem = _read_strictly(data, language, places)
    if problem is None:
        return replace(_raw(parser, version), cut=places.cut() if data == source else None)
    if problem.startswith(_AFTER_THE_END):
        return _raw(parser, version, f"something follows the document's end: {problem}")
    repaired: bytes = replace_doctype(repair.repair_markup(text).encode("utf-8", "replace"))[1]
    parser, still = _read_strictly(repaired, language, Places(repaired))
    if still is None or still.startswith(_AFTER_THE_END):
        return _raw(parser, version, f"not well-formed XML, repaired: {problem}")
    if still.startswith(_CUT_OFF) and parser.version:
        parser.entries = parser.entries[:-1] if parser.inentry else parser.entries
        return _raw(parser, version, "the document is cut off; its complete entries were kept")
    return _read_loosely(data.decode("utf-8", "replace"), version, entities, language, problem)


def _read_strictly(data: bytes, language: str | None, places: Places) -> tuple[Any, str | None]:
    """Return the parser after reading *data* and what stopped it; None if nothing did.

    Raises:
        ParseError: its entities are made to fill the memory.
    """
    parser = _Strict("", language, "utf-8")
    parser.resolve_relative_uris = parser.sanitize_html = False
    problem = StrictReader(parser, NAMESPACES).read(data, places)
    if problem is not None and problem.startswith("limit on input amplification"):
        # the forgiving parser has no such limit
        raise ParseError("The document's entities stand for far more text than it has.")
    return parser, problem


def _read_loosely(
    text: str, version: str | None, entities: dict[str, str], language: str | None, problem: str
) -> RawFeed:
    parser = _Loose("", language, "utf-8", entities)
    parser.resolve_relative_uris = parser.sanitize_html = False
    try:
        parser.feed(text)
    except (ValueError, AssertionError, LookupError, TypeError, AttributeError) as error:
        raise ParseError(f"The document is not well-formed XML: {problem}.") from error
    return _raw(parser, version, f"not well-formed XML, read leniently: {problem}")


def _raw(parser: Any, version: str | None, *warnings: str) -> RawFeed:
    # a plain dictionary: feedparser's own looks through other names for what is asked for
    return RawFeed(version or parser.version or "", dict(parser.feeddata), parser.entries, warnings)
