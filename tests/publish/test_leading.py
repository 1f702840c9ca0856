"""The beginning of an article's text: whole blocks, no word of it lost, however publishers wrap it."""

from __future__ import annotations

import re

import pytest

from aggregator.publish.leading import leading_blocks

PROSE = "The river rose and fell."


def words_of(text: str) -> list[str]:
    return re.sub(r"<[^>]*>", " ", text).split()


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "text",
    [
        "<div>{}</div>",
        "<div><div>{}</div></div>",
        "<div></div><div>{}</div>",
        "<article><section>{}<br>{}</section></article>",
        "<div>{} <b>bold</b> {}</div>",
        "<b>QUAY</b> {}<br><br>{}",
        "<div><b>QUAY</b> {}</div>",
        "<p>{}</p>{}<p>{}</p>",
        "<div><p>{}</p><h2>On</h2><p>{}</p></div>",
        "<h2>Only a crosshead before</h2>{}",
        "<ul><li>{}</li></ul>",
        "<div><img src='https://a.example/x'>{}</div>",
        "{}",
    ],
)
def test_a_short_text_is_given_whole(text):
    whole = text.format(*[PROSE] * 3)
    shown, goes_on = leading_blocks(whole, 100)
    assert words_of(shown) == words_of(whole)
    assert not goes_on


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "text", ["<div>{}</div>", "<b>QUAY</b> {}<br>{}", "<div><div><p>{}</p><p>{}</p></div></div>"]
)
def test_a_long_text_is_cut_between_words_and_goes_on(text):
    shown, goes_on = leading_blocks(text.format(f"{PROSE} " * 40, f"{PROSE} " * 40), 50)
    words = [word for word in words_of(shown) if word != "…"]
    assert goes_on
    assert 50 <= len(words) < 300
    assert words[-1] in PROSE.split()
