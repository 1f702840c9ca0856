"""What was made is kept in bounded memory, and made once."""

from __future__ import annotations

import threading
import time

import pytest

from aggregator.publish.lru import MAKERS, LruCache


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


def test_what_is_made_slowly_keeps_nothing_else_waiting():
    kept, begun, finish = LruCache(10, lambda _: 1), threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert finish.wait(30)
        return "slow"

    thread = threading.Thread(target=kept.get, args=("a", slow))
    thread.start()
    assert begun.wait(30)
    quick = threading.Thread(target=kept.get, args=("b", lambda: "quick"))
    quick.start()
    quick.join(10)
    assert kept.find("b") == "quick"
    finish.set()
    thread.join()
    assert kept.find("a") == "slow"


def test_so_few_are_made_at_once_that_memory_is_bounded():
    kept, going, most = LruCache(100, lambda _: 1), [], []

    def make():
        going.append(1)
        most.append(len(going))
        time.sleep(0)
        going.pop()
        return "made"

    threads = [threading.Thread(target=kept.get, args=(number, make)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 40
    assert max(most) <= MAKERS


def test_what_could_not_be_made_is_tried_again():
    kept = LruCache(10, lambda _: 1)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: "made") == "made"


def test_what_is_made_twice_is_counted_once():
    kept, begun, fail, finish = LruCache(10, len), threading.Event(), threading.Event(), threading.Event()

    def failing():
        begun.set()
        assert fail.wait(30)
        raise KeyError

    def fail_to_make():
        with pytest.raises(KeyError):
            kept.get("a", failing)

    def slow():
        begun.set()
        assert finish.wait(30)
        return "xxxx"

    first = threading.Thread(target=fail_to_make)
    first.start()
    assert begun.wait(30)
    begun.clear()
    # this one waits for the first, perhaps, and makes it after the first failed
    second = threading.Thread(target=kept.get, args=("a", slow))
    second.start()
    fail.set()
    first.join()
    assert begun.wait(30)
    third = threading.Thread(target=kept.get, args=("a", lambda: "yyyy"))
    third.start()
    finish.set()
    second.join()
    third.join()
    assert kept.used == 4
