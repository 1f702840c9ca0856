"""Well-formed XML, read by expat straight into feedparser's strict parser.

Stands in for xml.sax between the two: one call an element instead of four, text in whole
pieces instead of lines, names looked up once a document. Bytes flow in, the parser's state
changes; entities outside the document are never fetched, and none are expanded that
feedparser's own doctype filter did not let through.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from aggregator.parse.prefilter import Places

#: elements whose namespace is written again where they stand in a text
_DRAWN = frozenset({"math", "svg"})


class StrictReader:
    """Feeds one document into one feedparser parser object."""

    def __init__(self, parser: Any, namespaces: dict[str, str]) -> None:
        self._parser = parser
        self._namespaces = namespaces
        #: expat's "uri local prefix" -> feedparser's "prefix:local", per document
        self._names: dict[str, str] = {}
        self._declared: list[tuple[str, str]] = []
        #: a namespace that RSS, which has none, was put into; empty: none
        self._senseless = ""
        self._depth = 0

    def read(self, data: bytes, places: Places) -> str | None:
        """Read the document; return None, or what stopped it and where.

        Args:
            places: where its entries stand is told to them.
        """
        self._places = places
        self._reader = reader = expat.ParserCreate("utf-8", " ")
        reader.namespace_prefixes = True
        reader.ordered_attributes = True
        reader.buffer_text = True
        reader.buffer_size = 1 << 16
        reader.StartNamespaceDeclHandler = self._declare
        reader.StartElementHandler = self._start
        reader.EndElementHandler = self._end
        reader.CharacterDataHandler = self._parser.handle_data
        try:
            reader.Parse(data, True)
        except expat.ExpatError as error:
            if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]:
                raise MemoryError from error
            return f"{expat.errors.messages.get(error.code, 'not well-formed')} in line {error.lineno}"
        finally:
            del self._reader  # it knows this object: together they would keep the document in memory
        return None

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        if uri:
            self._parser.track_namespace(prefix, uri)
            if prefix and uri == "http://www.w3.org/1999/xlink":
                self._declared.append((f"xmlns:{prefix}", uri))

    def _start(self, name: str, attributes: list[str]) -> None:
        tag = self._names.get(name) or self._learn(name)
        self._depth += 1
        if self._depth <= self._places.deepest:
            self._places.open(_written(name), self._reader.CurrentByteIndex)
        is_bare = not (attributes or self._declared) and tag not in _DRAWN
        self._parser.unknown_starttag(tag, [] if is_bare else self._values(name, tag, attributes))

    def _values(self, name: str, tag: str, attributes: list[str]) -> list[tuple[str, str]]:
        values, self._declared = self._declared, []
        if tag in _DRAWN and " " in name:
            values.append(("xmlns", name.split(" ", 1)[0]))
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            if " " in key:
                key = self._names.get(key) or self._learn(key)
            values.append((key.lower(), value))
        return values

    def _end(self, name: str) -> None:
        if self._depth <= self._places.deepest:
            self._places.close(self._reader.CurrentByteIndex)
        self._depth -= 1
        self._parser.unknown_endtag(self._names[name])

    def _learn(self, name: str) -> str:
        """Return feedparser's name: its own prefix for a namespace it knows, else the document's."""
        parts = name.split(" ")
        uri, local, given = ("", parts[0], "") if len(parts) == 1 else (*parts, "")[:3]
        lowered = uri.lower()
        if "backend.userland.com/rss" in lowered:
            lowered = "http://backend.userland.com/rss"
        prefix = self._namespaces.get(lowered, given) if uri else ""
        if prefix and not given:
            if not self._names and local.lower() == "rss":
                self._senseless = lowered
            if lowered == self._senseless:
                prefix = ""
        known = f"{prefix}:{local}".lower() if prefix else local.lower()
        self._names[name] = known
        return known


def _written(name: str) -> str:
    """Return the name as the document writes it, of expat's "uri local prefix"."""
    return ":".join(reversed(name.split(" ")[1:])) or name
