"""Articles changed on their way out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.elements import drop_elements, first_words, replace_text
from aggregator.curate.rewrite import looks_of, rewrite, rewritten_by, stricter
from aggregator.model import (
    Article,
    Category,
    Configuration,
    Item,
    Person,
    Replacement,
    Rewrite,
    RuleSet,
    SourceCard,
)
from aggregator.query.text import plain_text, tokens
from tests.curate.papers import NOON, entry

CONTENT = '<p>The <b>bridge</b> opens.</p><div class="ad">Buy <a href="/bridge">now</a></div> End'
ENTRY = entry(
    "bridge",
    title="LIVE: Bridge opens",
    content=CONTENT,
    summary="<p>Bridge opens</p>",
    authors=(Person(name="Ann"),),
    categories=(Category(term="Transport"),),
    language="en",
    words=6,
)
CARD = SourceCard(id=1, slug="paper", name="The Paper", url="https://paper.example/feed", tags=("uk",))
ITEM = Item(
    Article(
        id=1,
        source_id=1,
        entry=ENTRY,
        published_id="urn:x:1",
        first_seen=NOON,
        changed_at=NOON,
        sort_date=NOON,
        topics=("roads",),
    ),
    CARD,
    1,
    "title: bridge",
)


def published(*rules: Rewrite, item: Item = ITEM) -> Item:
    return rewrite(item, looks_of(Configuration(rewrites=rules)))


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "drop elements, not the text behind them": (
        {"drop": (".ad",)},
        {"content": "<p>The <b>bridge</b> opens.</p> End", "words": 4},
    ),
    "replace in the title": (
        {"replace_title": (Replacement(r"^LIVE:\s*"), Replacement("Bridge", "Brücke"))},
        {"title": "Brücke opens"},
    ),
    "replace with a group": (
        {"replace_title": (Replacement(r"(\w+) (\w+)$", r"\2 \1 \\"),)},
        {"title": "LIVE: opens Bridge \\"},
    ),
    "replace text, never inside tags": (
        {"replace_content": (Replacement("bridge", "<i>"),)},
        {"content": CONTENT.replace("<b>bridge", "<b>&lt;i&gt;")},
    ),
    "prefix with the source's name": ({"prefix": "{source}: "}, {"title": "The Paper: LIVE: Bridge opens"}),
    "set the author": ({"author": "Newsroom"}, {"authors": (Person(name="Newsroom", is_assigned=True),)}),
    "set the language": ({"language": "cy"}, {"language": "cy"}),
    "add categories": (
        {"categories": ("News", "Transport")},
        {"categories": (Category(term="Transport"), Category(term="News"))},
    ),
    "truncate": ({"truncate": 2}, {"content": "<p>The <b>bridge …</b></p>", "words": 2}),
    "rights line": ({"rights": "CC BY 4.0"}, {"rights": "CC BY 4.0"}),
    "nothing": ({}, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_rule_changes_only_what_it_says(case: str) -> None:
    rule, wanted = CASES[case]
    changed = published(Rewrite(**rule))
    assert changed.article.entry == replace(ENTRY, **wanted)
    assert replace(changed, article=ITEM.article) == ITEM


def test_order_of_fields_and_rules_is_fixed() -> None:
    first = Rewrite(drop=("b",), replace_content=(Replacement("opens", "closes"),), truncate=2, prefix="> ")
    second = Rewrite(replace_title=(Replacement("^> LIVE", "Now"),))
    changed = published(first, second).article.entry
    assert plain_text(changed.content) == "The closes. …"
    assert changed.title == "Now: Bridge opens"


def test_prefix_stands_once() -> None:
    rule = Rewrite(prefix="LIVE: ")
    assert published(rule, rule).article.entry.title == "LIVE: Bridge opens"


def test_stricter_content_policy_wins() -> None:
    assert published(Rewrite(content="summary")).source.content == "summary"
    strict = replace(ITEM, source=replace(CARD, content="link"))
    assert published(Rewrite(content="summary"), item=strict).source.content == "link"
    assert stricter("full", None, "summary") == "summary"
    assert stricter() == "full"


def test_rules_apply_by_query_to_the_stored_article() -> None:
    configuration = Configuration(
        rules=(RuleSet("roads", "topic:roads tag:uk"),),
        rewrites=(
            Rewrite(name="a", query="rule:roads title:live", replace_title=(Replacement("LIVE: "),)),
            Rewrite(name="b", query="title:live", author="Still seen"),
            Rewrite(name="c", query="-source:paper", author="Never"),
        ),
    )
    looks = looks_of(configuration)
    assert [rule.name for rule in rewritten_by(ITEM, looks)] == ["a", "b"]
    changed = rewrite(ITEM, looks)
    assert (changed.article.entry.title, changed.article.entry.authors[0].name) == (
        "Bridge opens",
        "Still seen",
    )


def test_sources_own_rule_comes_first() -> None:
    own = replace(
        ITEM, source=replace(CARD, rewrite=Rewrite(name="own", query="bridge", author="Own", prefix="1 "))
    )
    changed = published(Rewrite(prefix="2 "), item=own)
    assert changed.article.entry.title == "2 1 LIVE: Bridge opens"
    away = replace(own, source=replace(CARD, rewrite=Rewrite(query="tunnel", author="Own")))
    assert published(item=away) == away


HTML = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<b>", "</b>", "<div class='ad'>", "</div>", "<br>", "one two ", "&amp;", "<", "é"]
    ),
    max_size=14,
).map("".join)


@given(HTML, st.integers(0, 6))
def test_cut_text_has_at_most_so_many_words_and_the_same_beginning(markup: str, count: int) -> None:
    markup = drop_elements(markup, [".nowhere"])  # well formed, as sanitised HTML is
    before, after = tokens(plain_text(markup)), tokens(plain_text(first_words(markup, count)))
    assert len(after) <= count
    # a cut between two elements may fall inside a word
    assert after[:-1] == before[: len(after)][:-1]
    assert not after or before[len(after) - 1].startswith(after[-1])


@given(HTML)
def test_dropping_nothing_and_changing_nothing_keeps_the_text(markup: str) -> None:
    dropped = drop_elements(markup, [".nowhere"])
    assert tokens(plain_text(dropped)) == tokens(plain_text(replace_text(dropped, str)))


def test_nesting_as_deep_as_the_sanitiser_lets_through_is_cut_without_harm() -> None:
    deep = "<b>" * 200 + "one two" + "</b>" * 200
    assert tokens(plain_text(first_words(deep, 1))) == ["one"]
    assert drop_elements(deep, [".ad"]) == deep
