"""The quick ways of query.text give what the slow, plain ways give."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from aggregator.query import text

TEXTS = st.text(
    st.one_of(
        st.characters(min_codepoint=1, max_codepoint=0x2FF, exclude_categories=("Cs",)),
        st.characters(min_codepoint=0x300, max_codepoint=0x36F),
        st.characters(min_codepoint=0x400, max_codepoint=0x4FF),
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from("“”‘’–—…½ﬁİıßǅ\u00ad\u200d\u0308\u093c\u3099 "),
    ),
    max_size=60,
)


@given(TEXTS)
def test_folding_run_by_run_is_folding_the_whole(sample: str) -> None:
    assert text.fold(sample) == text._fold_whole(sample)


BEFORE = ["", "plain words around it, many of them, so that it is no foreign text ", "слова вокруг него, №5 "]


@given(TEXTS, st.sampled_from(BEFORE))
def test_words_of_a_text_are_the_words_of_its_folding(sample: str, before: str) -> None:
    assert text.tokens(before + sample) == text._ANY_WORD.findall(text._fold_whole(before + sample))


PIECES = [
    "<p>",
    "</p>",
    "<b>",
    "</B>",
    "<!-- x",
    "-->",
    "<!doctype html>",
    "<img alt='a > b'>",
    "&amp;",
    "a",
    " b\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_tags_taken_out_in_one_go_leave_what_one_by_one_leaves(pieces: list[str]) -> None:
    markup = "".join(pieces)
    assert text.text_of(markup) == unescape(text._without_silent_elements(markup))


@given(TEXTS, st.lists(st.sampled_from(PIECES), max_size=30))
def test_words_of_markup_are_those_of_its_text_on_one_line(sample: str, pieces: list[str]) -> None:
    markup = "".join([*pieces, sample, *pieces])
    assert text.markup_tokens(markup) == text.tokens(text.plain_text(markup))


def test_silent_elements_still_have_no_text() -> None:
    assert re.split(" +", text.plain_text("<p>a</p><script>var b</script><style>c</style><p>d</p>")) == [
        "a",
        "d",
    ]
