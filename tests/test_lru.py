"""What was made is kept in bounded memory, and made once."""

from __future__ import annotations

import threading

from aggregator.lru import LruCache


def test_the_least_recently_used_goes_first():
    kept = LruCache(3, lambda _: 1)
    for key in "abc":
        kept.get(key, lambda key=key: key)
    kept.find("a")
    kept.get("d", lambda: "d")
    assert [kept.find(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_what_is_larger_than_everything_is_not_kept():
    kept = LruCache(10, len)
    assert kept.get("big", lambda: "x" * 11) == "x" * 11
    assert kept.find("big") is None


def test_a_thing_is_made_once_for_all_who_wait():
    kept, made, start = LruCache(10, lambda _: 1), [], threading.Barrier(8)

    def ask():
        start.wait()
        kept.get("a", lambda: made.append(1) or "a")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
