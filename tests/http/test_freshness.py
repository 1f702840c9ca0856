"""Header fields to hints: max-age, Expires, Age, Retry-After."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.http.freshness import cache_directives, fresh_seconds, header_hints, retry_seconds
from tests.fetch.conftest import NOW

DATE = "Sun, 01 Mar 2026 10:00:00 GMT"
LATER = "Sun, 01 Mar 2026 10:30:00 GMT"

CASES: dict[str, tuple[dict[str, str], float | None]] = {
    "nothing said": ({}, None),
    "max-age": ({"cache-control": "public, max-age=600"}, 600),
    "max-age in quotes and capitals": ({"cache-control": 'Max-Age="600"'}, 600),
    "max-age minus Age": ({"cache-control": "max-age=600", "age": "450"}, 150),
    "older than its max-age": ({"cache-control": "max-age=600", "age": "700"}, -100),
    "a negative max-age is handed on": ({"cache-control": "max-age=-5"}, -5),
    "s-maxage is for others": ({"cache-control": "s-maxage=9999, max-age=60"}, 60),
    "s-maxage alone": ({"cache-control": "s-maxage=9999"}, None),
    "no-cache": ({"cache-control": "no-cache, max-age=600"}, 0),
    "no-store": ({"cache-control": "no-store"}, 0),
    "no-cache for one field": ({"cache-control": 'no-cache="Set-Cookie", max-age=600'}, 0),
    "the first of two": ({"cache-control": "max-age=60, max-age=600"}, 60),
    "max-age wins over Expires": ({"cache-control": "max-age=60", "expires": LATER, "date": DATE}, 60),
    "Expires minus Date": ({"expires": LATER, "date": DATE}, 1800),
    "Expires without Date counts from our clock": ({"expires": "Sun, 01 Mar 2026 12:01:00 GMT"}, 60),
    "Expires is zero": ({"expires": "0"}, 0),
    "Expires is nonsense": ({"expires": "never"}, 0),
    "Expires has passed": ({"expires": DATE, "date": LATER}, -1800),
    "garbage max-age, good Expires": ({"cache-control": "max-age=abc", "expires": LATER, "date": DATE}, 1800),
    "garbage Age": ({"cache-control": "max-age=60", "age": "x"}, 60),
    "garbage all over": ({"cache-control": "=,;,\"',,max-age"}, None),
    "an absurd number": ({"cache-control": "max-age=99999999999999"}, 2**31),
    "a number beyond all": ({"cache-control": "max-age=" + "9" * 400}, 2**31),
}


@pytest.mark.parametrize(("headers", "seconds"), CASES.values(), ids=CASES.keys())
def test_the_freshness_lifetime(headers: dict[str, str], seconds: float | None) -> None:
    assert fresh_seconds(headers, NOW) == seconds


RETRIES: dict[str, tuple[dict[str, str], float | None]] = {
    "not said": ({}, None),
    "seconds": ({"retry-after": " 90 "}, 90),
    "a fraction": ({"retry-after": "1.5"}, 1.5),
    "a date, counted from the answer's own": ({"retry-after": LATER, "date": DATE}, 1800),
    "a date, the answer without one": ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30),
    "twice": ({"retry-after": "90, 100"}, 90),
    "nonsense": ({"retry-after": "a while"}, None),
    "a number beyond all": ({"retry-after": "9" * 400}, 2**31),
    "an impossible date": ({"retry-after": "Sun, 99 Mar 2026 10:00:00 GMT"}, None),
}


@pytest.mark.parametrize(("headers", "seconds"), RETRIES.values(), ids=RETRIES.keys())
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_seconds(headers, NOW) == seconds


@given(st.text(max_size=100), st.text(max_size=40), st.text(max_size=40))
def test_garbage_never_raises(control: str, expires: str, retry: str) -> None:
    hints = header_hints(
        {"cache-control": control, "expires": expires, "retry-after": retry, "age": retry}, NOW
    )
    for value in (hints.fresh_s, hints.retry_after_s):
        assert value is None or abs(value) < 1e16


def test_directives_are_read_in_linear_time() -> None:
    assert "max-age" in cache_directives("max-age=1, " + "a" * 1_000_000)
