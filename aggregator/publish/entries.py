"""Written entries kept for the next time: what an entry says in, its bytes out.

A feed is written anew for every article that enters it, and all its other entries are the same as
before. The key is the whole of what is written, so nothing stale can be found; memory is bounded.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lxml import etree

from aggregator.publish.outgoing import Outgoing

#: memory of one process for written entries and their keys, in bytes
LIMIT = 32_000_000
#: longer entries are written each time
LONGEST = 200_000


class WrittenEntries:
    """Entries of one format as bytes; the least recently used are forgotten first."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit, self._used = limit, 0
        self._kept: OrderedDict[Outgoing, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, item: Outgoing, write: Callable[[Outgoing], bytes]) -> bytes:
        """Return what *write* makes of *item*, now or earlier."""
        with self._lock:
            found = self._kept.get(item)
            if found is not None:
                self._kept.move_to_end(item)
                return found
        made = write(item)
        if len(made) <= LONGEST:
            self._keep(item, made)
        return made

    @property
    def used(self) -> int:
        """Bytes kept, counted once for the entry and once for its key."""
        return self._used

    def _keep(self, item: Outgoing, made: bytes) -> None:
        with self._lock:
            if item not in self._kept:
                self._kept[item] = made
                self._used += 2 * len(made)
            while self._used > self._limit:
                _, dropped = self._kept.popitem(last=False)
                self._used -= 2 * len(dropped)


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
