"""Memories of one process: values that stay true for a moment, and how much of it feeds and pages take.

Nothing here survives the process and nothing grows without end, whatever is asked for.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Generic

from aggregator.errors import StoreError
from aggregator.model import Item, Rendered
from aggregator.publish.lru import Key, Value

#: seconds a page is kept although nothing seems to have changed
PAGE_S = 60
#: path, stamp of everything published, minute
PageKey = tuple[str, str, int]


class TtlCache(Generic[Key, Value]):
    """Remembers each value for *seconds*, at most *count* of them.

    While the store is away, what was read last stands in for it.
    """

    def __init__(self, seconds: float, count: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._count, self._clock = seconds, count, clock
        self._renewed = -math.inf
        self._kept: OrderedDict[Key, tuple[float, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def renew(self, seconds: float) -> None:
        """Read every value again when it is asked for next, and let each stand for *seconds* from then on."""
        self._seconds, self._renewed = seconds, self._clock()

    def get(self, key: Key, read: Callable[[], Value]) -> Value:
        """Return the value of *key*, read again if it is older than allowed.

        Raises:
            StoreError: it could not be read and was never read before.
        """
        kept = self._kept.get(key)
        began = self._clock()
        if kept is not None and self._is_fresh(kept[0]):
            return kept[1]
        try:
            value = read()
        except StoreError:
            if kept is None:
                raise
            value = kept[1]
        self._keep(key, value, began)
        return value

    def find_fresh(self, key: Key) -> Value | None:
        """Return the value of *key* if it may still be used, without reading anything."""
        kept = self._kept.get(key)
        return kept[1] if kept is not None and self._is_fresh(kept[0]) else None

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()

    def _is_fresh(self, read_at: float) -> bool:
        return read_at >= self._renewed and self._clock() - read_at < self._seconds

    def _keep(self, key: Key, value: Value, read_at: float) -> None:
        with self._lock:
            self._kept[key] = (read_at, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._count:
                self._kept.popitem(last=False)


class Paced(Generic[Value]):
    """Remembers one value for a time that the value itself tells."""

    def __init__(
        self, seconds: Callable[[Value], float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Args:
        seconds: how long a value is kept; the more there is to count, the longer.
        """
        self._seconds, self._clock = seconds, clock
        self._kept: tuple[float, Value] | None = None
        self._lock = threading.Lock()

    def get(self, read: Callable[[], Value]) -> Value:
        """Return the value, read again when its time is over; once, however many ask."""
        with self._lock:
            if self._kept is None or self._clock() >= self._kept[0]:
                value = read()
                self._kept = (self._clock() + self._seconds(value), value)
            return self._kept[1]


def page_key(path: str, stamp: str) -> PageKey:
    """Return the key of the page at *path* while *stamp* holds; another one every minute."""
    return path, stamp, int(time.monotonic() // PAGE_S)


def weight(rendered: Rendered) -> int:
    """Return the bytes of a kept feed or page with its compressed codings, were they all made."""
    return 2 * len(rendered.body) + 2000


def items_weight(items: Iterable[Item]) -> int:
    """Return the characters that articles take; one that stands in several editions counts in each."""
    return sum(_chars_of(one) for item in items for one in (item, *(item.roll.items if item.roll else ())))


def _chars_of(item: Item) -> int:
    entry = item.article.entry
    return len(entry.content) + len(entry.summary) + 1500
