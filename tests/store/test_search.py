"""Search finds what the matcher finds, newest first, on both engines."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from aggregator.model import ArticleState, Configuration, Entry
from aggregator.query.document import Document
from aggregator.query.match import compile_query
from aggregator.query.parse import parse_query
from aggregator.store.articles import search as search_module
from aggregator.store.articles import word_index
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.search import search
from aggregator.store.engine import reading
from tests.store.making import (
    DAY,
    HOUR,
    NOW,
    admission,
    apply,
    arrive,
    claim_one,
    entry,
    placed,
    poll,
    source,
    store,
)

PAPER = source("Paper", tags=("national",))

STORED: tuple[Entry, ...] = (
    entry("rates", title="Mortgage rates rise again", content="<p>The <b>Bank</b> of England</p>"),
    entry("cafe", title="Café society", content="<p>NAÏVE coffee</p>", categories=()),
    entry("king", title="The king's speech", content="<p>covid-19 rules</p>"),
    entry("tokyo", title="東京の桜", content="<p>新聞が伝えた</p>"),
    entry("markup", title="5 < 6 & 7", content="<p>C++ and 'quotes' \"double\" * NOT (x)</p>"),
    entry("long", title="z" * 300, content="<p>pneumono" + "ultra" * 40 + "</p>"),
    entry("empty", title="", content=""),
    entry("bank", title="River bank", summary="<p>mortgages of ducks</p>"),
)
QUERIES = (
    *("mortgage", "mortgage*", '"bank of england"', "bank england", "cafe", "naïve", "king's", "covid-19"),
    *("covid 19", "東京", "桜", "新聞", "c++", "quotes AND double", "mortgage OR coffee", "-mortgage"),
    *(
        "bank -river",
        "bank -river -duck",
        "bank -absent",
        "(bank -river) OR coffee",
        "rates -" + "z" * 300,
        "z* -" + "z" * 61,
        "words -words",
        "title:bank",
        "(king OR cafe) -speech",
        "tag:national",
        "source:paper rates",
    ),
    *("z*", "z" * 300, "z" * 299, "z" * 100 + "*", "/ultra+/", "words:[1 TO *]", "", "*", "absent"),
    *("title:mortgage*", "5", "author:*", "has:summary"),
)


@pytest.fixture
def paper(engine: Engine) -> Engine:
    """A store with a handful of articles of one source."""
    apply(engine, Configuration(sources=(PAPER,)))
    arrive(engine, "paper", *STORED)
    return engine


def keys(engine: Engine, text: str, limit: int = 50) -> list[str]:
    with reading(engine) as connection:
        found = search(connection, parse_query(text), limit=limit, now=NOW)
    return [article.entry.key for article, _, _ in found]


@pytest.mark.parametrize("text", ["mortgage", "東京", "z" * 300, "absent"])
def test_search_finds_by_words(paper: Engine, text: str) -> None:
    expected = {"mortgage": ["rates"], "東京": ["tokyo"], "z" * 300: ["long"], "absent": []}
    assert keys(paper, text) == expected[text]


def test_search_finds_exactly_what_the_matcher_finds(paper: Engine) -> None:
    with reading(paper) as connection:
        stored = list_articles(connection, after_id=0, limit=99)
    for text in QUERIES:
        matcher = compile_query(parse_query(text))
        expected = [
            article.entry.key
            for article in sorted(stored, key=lambda a: (a.sort_date, a.id), reverse=True)
            if matcher(Document(article.entry, PAPER, slug="paper", date=article.sort_date), NOW) is not None
        ]
        assert keys(paper, text) == expected, text


WORDS = st.sampled_from(["mortgage", "bank", "england", "cafe", "speech", "東", "covid", "19", "zz", "rules"])
TERMS = st.one_of(
    WORDS, WORDS.map(lambda w: f"{w[:3]}*"), st.tuples(WORDS, WORDS).map(lambda t: f'"{t[0]} {t[1]}"')
)
TREES = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda t: f"({t[0]} AND {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]} OR {t[1]})"),
        inner.map(lambda t: f"(NOT {t})"),
    ),
    max_leaves=6,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(text=TREES)
def test_any_query_finds_the_same_in_the_store_and_in_memory(paper: Engine, text: str) -> None:
    matcher = compile_query(parse_query(text))
    expected = {one.key for one in STORED if matcher(Document(one, PAPER, slug="paper"), NOW) is not None}
    assert set(keys(paper, text)) == expected


def test_newest_come_first_whatever_the_order_of_arrival(paper: Engine) -> None:
    for number, age in enumerate((3, 1, 2)):
        arrive(paper, "paper", entry(f"flood{number}", title="flood", published=NOW - age * DAY))
    assert keys(paper, "flood") == ["flood1", "flood2", "flood0"]
    assert keys(paper, "flood", limit=2) == ["flood1", "flood2"]


@pytest.mark.parametrize("text", ["*", "rates OR king OR coffee OR bank", "m* OR k* OR c*", "-nothing"])
def test_pages_one_behind_the_other_hold_what_all_of_it_holds(paper: Engine, text: str) -> None:
    with reading(paper) as connection:
        whole = [one.id for one, _, _ in search(connection, parse_query(text), limit=100, now=NOW)]
        paged: list[int] = []
        while found := search(
            connection, parse_query(text), limit=2, now=NOW, older_than=paged[-1] if paged else None
        ):
            paged += [one.id for one, _, _ in found]
    assert paged == whole
    assert len(whole) > 2


def test_common_words_are_found_newest_first_too(paper: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "FEW", 3)
    monkeypatch.setattr(search_module, "STEP", 4)
    monkeypatch.setattr(word_index, "SCATTERED", 2)
    entries = [entry(f"flood{n:02}", title="flood", published=NOW - HOUR * n) for n in range(20)]
    arrive(paper, "paper", *entries)
    assert keys(paper, "flood") == [f"flood{n:02}" for n in range(20)]
    assert keys(paper, "flood", limit=5) == [f"flood{n:02}" for n in range(5)]


def test_a_common_beginning_that_the_newest_lack_is_asked_for_once(
    paper: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "FEW", 3)
    monkeypatch.setattr(search_module, "STEP", 4)
    monkeypatch.setattr(search_module, "JUDGED_AT_ONCE", 4)
    asked: list[str] = []
    old = [entry(f"flood{n:02}", title=f"flood{n}", published=NOW - DAY - HOUR * n) for n in range(20)]
    new = [entry(f"dry{n:02}", title="drought", published=NOW - HOUR * n) for n in range(8)]
    arrive(paper, "paper", *old, *new)

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(paper, "before_cursor_execute", note)
    assert keys(paper, "flood*") == [f"flood{n:02}" for n in range(20)]
    assert sum("article_words" in statement for statement in asked) == 1
    assert keys(paper, "flood1*", limit=5) == ["flood01", *(f"flood{n}" for n in range(10, 14))]
    assert keys(paper, "flood19*") == ["flood19"]


def test_changed_article_is_found_by_its_new_words_only(paper: Engine) -> None:
    arrive(paper, "paper", entry("rates", title="Interest falls", content="<p>quietly</p>"), at=NOW + HOUR)
    assert keys(paper, "interest quietly") == ["rates"]
    assert keys(paper, "england") == []


def test_article_with_a_dictionary_in_it_is_still_found(paper: Engine) -> None:
    words = " ".join(f"w{n}" for n in range(13_000))
    arrive(paper, "paper", entry("lexicon", content=f"<p>{words}</p>"))
    assert keys(paper, "w12999") == ["lexicon"]
    assert keys(paper, "w12999 absent") == []


def test_held_articles_are_not_found_but_silent_ones_are(paper: Engine) -> None:
    claim = claim_one(paper, "paper", NOW)
    states = (ArticleState.HELD, ArticleState.SILENT, ArticleState.WITHDRAWN, ArticleState.REJECTED)
    store(
        paper,
        poll(claim, *(placed(admission(claim, entry(s.value, title="gated"), state=s)) for s in states)),
    )
    assert keys(paper, "gated") == ["silent"]


def test_reason_and_source_come_with_each_article(paper: Engine) -> None:
    with reading(paper) as connection:
        ((article, card, why),) = search(connection, parse_query("title:mortgage"), limit=5, now=NOW)
    assert (article.entry.key, card.slug) == ("rates", "paper")
    assert "mortgage" in why.lower()
