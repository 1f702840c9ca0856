"""feedgen as we use it: a maker with our extension registered, and entries that fail one by one.

feedgen builds the whole document at the end, where one bad entry takes all others with it; here
each entry's element is made first, alone, and an entry that cannot be made is logged and left out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Edition
from aggregator.publish.outgoing import Outgoing

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAME = "outgoing"
log = logging.getLogger(__name__)


class FeedExtension(BaseExtension):  # type: ignore[misc]
    """Repairs what feedgen writes of the feed; ``edition`` is set before it runs."""

    edition: Edition
    items: tuple[Outgoing, ...]


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """Repairs what feedgen writes of one entry; ``item`` is set before it runs."""

    item: Outgoing


class MadeEntry(FeedEntry):  # type: ignore[misc]
    """An entry whose element is built once, when it is checked, and used again in the document."""

    _made: Any = None

    def atom_entry(self, extensions: bool = True) -> Any:
        """Return the Atom element, always the same one."""
        if self._made is None:
            self._made = super().atom_entry(extensions)
        return self._made

    def rss_entry(self, extensions: bool = True) -> Any:
        """Return the RSS element, always the same one."""
        if self._made is None:
            self._made = super().rss_entry(extensions)
        return self._made


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

    def take(self, entries: Iterable[MadeEntry]) -> None:
        """Append *entries* in their order."""
        for entry in entries:
            self.add_entry(entry, order="append")


def make_entries(
    items: Iterable[Outgoing],
    fill: Callable[[MadeEntry, Outgoing], None],
    build: Callable[[MadeEntry], Any],
    extension: type[EntryExtension],
) -> Iterator[MadeEntry]:
    """Yield an entry for each of *items* that can be written; log the others and go on."""
    for item in items:
        entry = MadeEntry()
        entry.register_extension(_NAME, extension)
        getattr(entry, _NAME).item = item
        try:
            fill(entry, item)
            build(entry)
        # whatever it is, it is one entry's trouble: the feed must go out without it
        except Exception as error:
            log.warning("left out of the feed: entry %.200r: %s", item.id, error)
            continue
        yield entry


def add(parent: Any, name: str, text: str | None = None, **attributes: str | None) -> Any:
    """Append an element with *text* to *parent*; attributes that are None are left out."""
    element = etree.SubElement(parent, name, {k: v for k, v in attributes.items() if v is not None})
    element.text = text
    return element
