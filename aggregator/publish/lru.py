"""What was made is kept in bounded memory: the least recently used goes first (LRU)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
#: values that one cache makes at the same time: a slow one keeps few others waiting, and memory stays bounded
MAKERS = 4


class LruCache(Generic[Key, Value]):
    """Keeps what was made under its key, up to *limit* units. Safe to use from several threads."""

    def __init__(self, limit: int, measure: Callable[[Value], int]) -> None:
        """Args:
        measure: how many units a value takes, such as bytes; what takes more than *limit* is not kept.
        """
        self._limit, self._measure, self._used = limit, measure, 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Key, threading.Lock] = {}
        self._makers = threading.Semaphore(MAKERS)

    @property
    def used(self) -> int:
        """Units kept."""
        return self._used

    def find(self, key: Key) -> Value | None:
        """Return what is kept under *key*, None if nothing is."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
            return kept[0]

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return what is kept under *key*; made once, however many ask at the same time."""
        found = self.find(key)
        if found is not None:
            return found
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                found = self.find(key)
                if found is None:
                    found = self._make(key, make)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return found

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._used = 0

    def _make(self, key: Key, make: Callable[[], Value]) -> Value:
        with self._makers:
            made = make()
        self._keep(key, made)
        return made

    def _keep(self, key: Key, value: Value) -> None:
        size = self._measure(value)
        if size > self._limit:
            return
        with self._lock:
            # who waited for one that failed, or went again at once, makes it beside who asks now
            _, before = self._kept.pop(key, (None, 0))
            self._kept[key] = (value, size)
            self._used += size - before
            while self._used > self._limit:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._used -= dropped
