"""What holds for the gate whatever documents come, in whatever order, under whatever switches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.curate.held import admission_of
from aggregator.curate.topics import Rules, compile_rules, place
from aggregator.model import Article, ArticleState, Configuration, Entry, Feed, Gate, RuleSet, Topic
from tests.curate.papers import NOON, PAPER, Memory, entry, identified

HOUR = timedelta(hours=1)
TEXTS = st.sampled_from(["", "<p>short</p>", *(f"<p>{'word ' * 9}{n} of many more words</p>" for n in "abc")])
GATES = st.builds(
    Gate,
    rekey=st.booleans(),
    drift=st.booleans(),
    future=st.sampled_from(["now", "hold"]),
    burst=st.booleans(),
    hold_s=st.sampled_from([0, 3600]),
    edits=st.sampled_from(["silent", "update", "bump"]),
)
ENTRIES = st.builds(
    lambda number, scheme, title, text, hours, link: identified(
        replace(
            entry("x"),
            id=f"{scheme}{number}",
            title=title,
            content=text,
            published=None if hours is None else NOON + hours * HOUR,
            link=link and f"https://paper.example/{link}",
        )
    ),
    st.integers(0, 5),
    st.sampled_from(["https://a.example/", "http://a.example/", "n", "tag:a.example:"]),
    st.sampled_from(["One", "Two", "Three"]),
    TEXTS,
    st.one_of(st.none(), st.integers(-50, 50)),
    st.sampled_from([None, "", "a", "b", "?p=1"]),
)
DOCUMENTS = st.lists(ENTRIES, max_size=8, unique_by=lambda e: e.key)
HISTORIES = st.lists(DOCUMENTS, max_size=6)


def run(history: list[list[Entry]], gate: Gate, initial_items: int) -> Memory:
    memory = Memory(replace(PAPER, gate=gate, initial_items=initial_items))
    for poll, entries in enumerate(history):
        memory.poll(entries, NOON + poll * HOUR)
    return memory


@settings(max_examples=50)
@given(HISTORIES, GATES, st.integers(0, 4))
def test_no_rule_loses_an_article(history: list[list[Entry]], gate: Gate, initial_items: int) -> None:
    memory = Memory(replace(PAPER, gate=gate, initial_items=initial_items))
    for poll, entries in enumerate(history):
        before = set(memory.articles)
        memory.poll(entries, NOON + poll * HOUR)
        assert before <= set(memory.articles)
        digests = {a.entry.key: a.entry.digest for a in memory.articles.values()}
        assert all(digests[e.key] == e.digest for e in entries)
        assert memory.poll(entries, NOON + poll * HOUR).admissions == ()


@settings(max_examples=50)
@given(HISTORIES, GATES, st.integers(0, 4))
def test_first_sight_is_for_ever(history: list[list[Entry]], gate: Gate, initial_items: int) -> None:
    memory = run(history, gate, initial_items)
    later = run([*history, *history[::-1]], gate, initial_items)
    for number, article in memory.articles.items():
        again = later.articles[number]
        assert (again.first_seen, again.published_id) == (article.first_seen, article.published_id)
        assert again.sort_date >= article.sort_date
        if gate.edits != "bump":
            assert again.sort_date == article.sort_date


@settings(max_examples=50)
@given(HISTORIES, GATES, st.integers(0, 4))
def test_ids_are_unique_and_dates_never_ahead_of_sight(
    history: list[list[Entry]], gate: Gate, initial_items: int
) -> None:
    memory = run(history, gate, initial_items)
    ids = [article.published_id for article in memory.articles.values()]
    assert len(set(ids)) == len(ids)
    for number, article in memory.articles.items():
        assert article.sort_date <= memory.changed_at[number]
        assert (article.state is ArticleState.OUT) == (article.reason == "")
        assert article.release_at is None or article.state is ArticleState.HELD


@settings(max_examples=50)
@given(HISTORIES)
def test_default_rules_hold_nothing_of_a_small_source(history: list[list[Entry]]) -> None:
    memory = run(history, Gate(), 1000)
    assert all(article.state is ArticleState.OUT for article in memory.articles.values())


QUERIES = st.sampled_from(
    [
        "",
        "one",
        "two OR word",
        "-three",
        "title:t*",
        "topic:t0",
        "topic:t1 -one",
        "rule:r",
        "words:>0 OR /w.rd/",
        "has:link",
    ]
)
CONFIGURATIONS = st.builds(
    lambda first, second, feeds, rule: Configuration(
        topics=(Topic(slug="t1", title="", query=second), Topic(slug="t0", title="", query=first)),
        feeds=tuple(Feed(slug=f"f{n}", title="", query=query) for n, query in enumerate(feeds)),
        rules=(RuleSet("r", rule),),
    ),
    QUERIES.filter(lambda q: "topic:" not in q),
    QUERIES.filter(lambda q: "t1" not in q),
    st.lists(QUERIES, max_size=3),
    st.sampled_from(["two", "-one", "title:one OR has:link"]),
)


@settings(max_examples=50)
@given(HISTORIES, CONFIGURATIONS, CONFIGURATIONS)
def test_placements_by_changed_rules_are_those_computed_from_scratch(
    history: list[list[Entry]], first: Configuration, second: Configuration
) -> None:
    memory = Memory()
    old, new = compile_rules(first), compile_rules(second)
    kept: dict[int, tuple[object, object]] = {}
    for poll, entries in enumerate(history):
        admitted = memory.poll(entries, NOON + poll * HOUR)
        # the rules change in the middle: what is stored is judged again
        rules = old if poll < len(history) // 2 else new
        numbers = {a.entry.key: n for n, a in memory.articles.items()}
        for admission in admitted.admissions:
            found = place(admission, rules, PAPER, "paper")
            kept[numbers[found.admission.entry.key]] = (found.topics, found.targets)
        if rules is new:
            kept |= {n: _again(memory, n, new) for n in memory.articles}
    if history:
        assert kept == {n: _again(memory, n, new) for n in memory.articles}


def _again(memory: Memory, number: int, rules: Rules) -> tuple[object, object]:
    stored = memory.articles[number]
    article = Article(
        id=number,
        source_id=1,
        entry=stored.entry,
        published_id=stored.published_id,
        first_seen=stored.first_seen,
        changed_at=stored.first_seen,
        sort_date=stored.sort_date,
        state=stored.state,
        reason=stored.reason,
    )
    found = place(admission_of(article), rules, PAPER, "paper")
    return found.topics, found.targets
