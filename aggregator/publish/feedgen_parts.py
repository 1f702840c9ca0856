"""feedgen as we use it: a maker with our extension registered, and entries that are written one by one.

feedgen builds the whole document at the end, where one bad entry takes all others with it; here
each is written alone, and spliced into a document without any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Edition, Link
from aggregator.publish.outgoing import Outgoing

THREADS = "http://purl.org/syndication/thread/1.0"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAME = "outgoing"


class FeedExtension(BaseExtension):  # type: ignore[misc]
    """Repairs what feedgen writes of the feed; ``edition`` is set before it runs."""

    edition: Edition
    items: tuple[Outgoing, ...]


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """Repairs what feedgen writes of one entry; ``item`` is set before it runs."""

    item: Outgoing


class Maker(FeedGenerator):  # type: ignore[misc]
    """A feed generator with our extension; it writes no date that we did not give it."""

    def __init__(self, extension: type[FeedExtension], edition: Edition, items: tuple[Outgoing, ...]) -> None:
        super().__init__()
        self.register_extension(_NAME, extension, None)
        registered: FeedExtension = getattr(self, _NAME)
        registered.edition, registered.items = edition, items
        # feedgen formats lastBuildDate by switching the locale of the whole process, under the feet of
        # other threads; without a value it writes none, and the RSS extension writes it instead.
        self._FeedGenerator__rss_lastBuildDate = None


def extended_entry(item: Outgoing, extension: type[EntryExtension]) -> FeedEntry:
    """Return an empty feedgen entry whose extension knows *item*."""
    entry = FeedEntry()
    entry.register_extension(_NAME, extension)
    getattr(entry, _NAME).item = item
    return entry


def add(parent: Any, name: str, text: str | None = None, **attributes: str | None) -> Any:
    """Append an element with *text* to *parent*; attributes that are None are left out."""
    element = etree.SubElement(parent, name, {k: v for k, v in attributes.items() if v is not None})
    element.text = text
    return element


def add_link(entry: Any, name: str, link: Link) -> None:
    """Append a link, under *name*; what is answered has an element of its own (RFC 4685 §3)."""
    if link.rel == "in-reply-to":
        reference = link.ref or link.href
        add(entry, f"{{{THREADS}}}in-reply-to", ref=reference, href=link.href, type=link.type)
        return
    add(entry, name, rel=link.rel, href=link.href, type=link.type, title=link.title)


def serialise_within(element: Any, namespaces: Mapping[str, str]) -> bytes:
    """Return *element* as it is written inside a document that declares *namespaces* (prefix -> name)."""
    shell = etree.Element("shell", nsmap=dict(namespaces))
    shell.append(element)
    written: bytes = etree.tostring(shell, encoding="UTF-8")
    return written[written.index(b">") + 1 : -len(b"</shell>")]


def splice(document: bytes, entries: Iterable[bytes], end: bytes) -> bytes:
    """Return *document* with *entries* before its last *end* tag."""
    at = document.rindex(end)
    return b"".join((document[:at], *entries, document[at:]))
