"""Folding, splitting into words, and the text of HTML."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.query.text import fold, plain_text, tokens

WORDS = {
    "Café CAFÉ cafe\u0301": ["cafe"] * 3,
    "Straße": ["strasse"],
    "Ångström Øresund Łódź": ["angstrom", "oresund", "lodz"],
    "İstanbul ISTANBUL ıs": ["istanbul", "istanbul", "is"],
    "King's king’s": ["king", "s", "king", "s"],
    "covid-19, U.S.": ["covid", "19", "u", "s"],
    "snake_case": ["snake", "case"],
    "ﬁne ２０２６": ["fine", "2026"],
    "co\u00adoperate": ["cooperate"],
    "がくせい学生": ["が", "く", "せ", "い", "学", "生"],
    "ｶﾞ": ["ガ"],
    "iPhoneを買う": ["iphone", "を", "買", "う"],
    "경제는": ["경", "제", "는"],
    "ภาษาที่": ["ภ", "า", "ษ", "า", "ที่"],
    "हिन्दी में": ["हिन्दी", "में"],
    "Москва Йод": ["москва", "иод"],
    "مُحَمَّد محـــمد هٰذا": ["محمد", "محمد", "هذا"],
    "שָׁלוֹם תל־אביב": ["שלום", "תל", "אביב"],
    "ܫܠܵܡܵܐ": ["ܫܠܡܐ"],
    "ދިވެހި བོད་ཡིག": ["ދިވެހި", "བོད", "ཡིག"],
    "Пʼять п'ять Hawaiʻi": ["п", "ять", "п", "ять", "hawai", "i"],
    "!!! --- 😀": [],
}

MARKUP = {
    "<b>bo</b>ld": "bold",
    "<p>one</p><p>two</p>": "one two",
    "one<br>two<br/>three": "one two three",
    "a &amp; b &lt;c&gt;": "a & b <c>",
    "x<script>if (a < b) alert('<p>')</script>y": "x y",
    "x<style>p{}</style>y": "x y",
    "a<!-- <p>no</p> -->b": "ab",
    '<a title="a > b">c</a>': "c",
    "1 < 2 and 3 > 2": "1 < 2 and 3 > 2",
    "  two\n\tblanks ": "two blanks",
    "unfinished <a href=": "unfinished",
    "<svg/>after": "after",
}


@pytest.mark.parametrize("text", WORDS)
def test_words_of(text: str) -> None:
    assert tokens(text) == WORDS[text]


@pytest.mark.parametrize("markup", MARKUP)
def test_text_of(markup: str) -> None:
    assert plain_text(markup) == MARKUP[markup]


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_are_their_own_words(text: str) -> None:
    found = tokens(text)
    assert tokens(" ".join(found)) == found


@given(st.text(alphabet="<>/!-\"'ab &;", max_size=60))
def test_any_markup_has_text(markup: str) -> None:
    assert isinstance(plain_text(markup), str)


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<a '", '<a "', "<!--", "<!", "&", "<script>", "<a x='>", "</", "<br", "<b x"]
)
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    plain_text(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 2


@pytest.mark.parametrize("text", ["Привет, мир", "日本語の文章", "İstanbul’da “yarın”", "𝒜" * 40])
def test_splitting_leaves_nothing_behind(text: str) -> None:
    gc.collect()
    gc.disable()
    try:
        tokens(text)
        assert gc.collect() == 0
    finally:
        gc.enable()
