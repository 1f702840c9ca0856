"""How entries are called where their publisher gave no title, and what stands for a text."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.titles import excerpt


@pytest.mark.parametrize(
    ("html", "room", "cut"),
    [
        ("<p>one two three</p>", 100, "one two three"),
        ("<p>one two three</p>", 9, "one two…"),
        ("Fish &amp; chips", 10, "Fish &…"),
        ("abcdefghij", 5, "abcd…"),
        ("a few words, and more", 13, "a few words…"),
    ],
)
def test_an_excerpt_ends_between_words(html: str, room: int, cut: str) -> None:
    assert excerpt(html, room) == cut


@given(st.text(max_size=80), st.integers(min_value=1, max_value=60))
def test_an_excerpt_is_never_too_long(text: str, room: int) -> None:
    assert len(excerpt(text, room)) <= room


def test_long_texts_are_not_kept_for_their_excerpts() -> None:
    tracemalloc.start()
    try:
        for number in range(40):
            excerpt(f"<p>{number}" + "long" * 250_000)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 25_000_000
