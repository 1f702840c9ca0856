"""What holds for curation through the real store, whatever comes in whatever order, on both engines."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from aggregator.config.file import Loaded
from aggregator.curate.held import admission_of
from aggregator.curate.topics import compile_rules, place
from aggregator.model import Article, ArticleState, Configuration, Entry, Feed, Gate, RuleSet, Topic
from aggregator.model.plan import FeedPlan
from aggregator.pipeline.apply import apply_loaded, settle
from aggregator.pipeline.editing import CannotDecide, mark_article, release_due, undo
from aggregator.pipeline.planning import make_plan
from aggregator.query.document import Document, document_of
from aggregator.query.glossary import compile_glossary
from aggregator.query.match import compile_query
from aggregator.query.parse import parse_query
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.search import search
from aggregator.store.engine import reading
from aggregator.store.feeds.heads import list_feeds
from aggregator.store.feeds.items import feeds_of, read_items
from tests.curate.papers import NOON, PAPER, entry
from tests.curate.test_gate_properties import CONFIGURATIONS, GATES, HISTORIES
from tests.stored import Stored

HOUR = timedelta(hours=1)
LATE = NOON + 200 * HOUR
#: a store for every example takes its time: what fails is shown as it was found
HARD = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
EDITS = st.lists(
    st.tuples(st.sampled_from(["pick", "hide", "note", "withdraw", "release", "undo"]), st.integers(1, 6)),
    max_size=4,
)


def edit(paper: Stored, edits: list[tuple[str, int]], poll: int) -> None:
    for kind, number in edits:
        if number in paper.stored:
            address, now = str(paper.article(number).id), NOON + poll * HOUR
            try:
                if kind == "undo":
                    undo(paper.engine, address, who="Ada", now=now)
                else:
                    mark_article(paper.engine, address, kind, who="Ada", now=now, words="words")
            except CannotDecide:
                pass


@HARD
@given(HISTORIES, GATES, st.lists(CONFIGURATIONS, min_size=1, max_size=3), EDITS, st.booleans())
def test_placements_are_those_computed_from_scratch(
    engine: Engine,
    history: list[list[Entry]],
    gate: Gate,
    rules: list[Configuration],
    edits: list[tuple[str, int]],
    settles_late: bool,
) -> None:
    paper = Stored(engine, replace(PAPER, gate=gate, initial_items=3), rules[0])
    for poll, entries in enumerate(history):
        now = NOON + poll * HOUR
        if poll:
            paper.use(rules[poll % len(rules)], now)
            if not settles_late:
                settle(engine, now)
        paper.poll(entries, now)
        edit(paper, edits, poll)
        release_due(engine, now)
    settle(engine, LATE)
    made = compile_rules(paper.configuration)
    for article in paper.stored.values():
        # a source is judged as it is stored, without its place in the file
        wanted = place(admission_of(article), made, paper.source, paper.slug)
        with reading(engine) as connection:
            stands = feeds_of(connection, article.id)
        assert stands == tuple(sorted((t.kind, t.slug, t.why) for t in wanted.targets))
        assert article.topics == wanted.topics


def standing(engine: Engine) -> dict[tuple[str, str], set[int]]:
    """Return the articles of every published feed."""
    with reading(engine) as connection:
        return {
            (head.kind, head.slug): {item.article.id for item in read_items(connection, head, limit=10_000)}
            for head in list_feeds(connection)
        }


@HARD
@given(HISTORIES, GATES, CONFIGURATIONS, CONFIGURATIONS)
def test_a_plan_is_what_applying_does_whatever_changes(
    engine: Engine,
    history: list[list[Entry]],
    gate: Gate,
    first: Configuration,
    second: Configuration,
) -> None:
    paper = Stored(engine, replace(PAPER, gate=gate, initial_items=3), first)
    for poll, entries in enumerate(history):
        paper.poll(entries, NOON + poll * HOUR)
    settle(engine, LATE)
    before = standing(engine)
    wanted = replace(second, sources=(replace(paper.source, tags=("uk",)),))
    loaded = Loaded(wanted, hashlib.sha256(repr(wanted).encode()).hexdigest(), Path("aggregator.yaml"))
    plan = make_plan(engine, loaded, LATE, named=10_000)
    assert standing(engine) == before
    apply_loaded(engine, loaded, LATE)
    after = standing(engine)
    told = {(feed.kind, feed.slug): feed for feed in plan.feeds}
    for address in before | after:
        come = after.get(address, set()) - before.get(address, set())
        gone = before.get(address, set()) - after.get(address, set())
        feed = told.pop(address, FeedPlan(*address))
        assert (feed.enters, feed.leaves) == (len(come), len(gone)), address
        if address in after:  # one that is removed is told by number
            assert {one.article_id for one in feed.entering} == come
            assert {one.article_id for one in feed.leaving} == gone
    assert told == {}


@HARD
@given(HISTORIES, GATES, st.integers(0, 4))
def test_no_rule_of_the_gate_loses_an_article(
    engine: Engine, history: list[list[Entry]], gate: Gate, initial_items: int
) -> None:
    paper = Stored(engine, replace(PAPER, gate=gate, initial_items=initial_items))
    before: set[int] = set()
    for poll, entries in enumerate(history):
        paper.poll(entries, NOON + poll * HOUR)
        stored = paper.stored
        assert before <= stored.keys()
        before = set(stored)
        digests = {article.entry.key: article.entry.digest for article in stored.values()}
        assert all(digests[entry.key] == entry.digest for entry in entries)
        assert paper.poll(entries, NOON + poll * HOUR).admissions == ()
    held = sum(article.state is ArticleState.HELD for article in paper.stored.values())
    assert release_due(engine, LATE) == held
    assert all(article.state is not ArticleState.HELD for article in paper.stored.values())


WORDS = ("bank", "Café", "mortgage", "rates", "rising", "日本経済", "king's", "covid-19", "GO", "o")
TITLES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
ARTICLES = st.lists(
    st.tuples(
        TITLES, TITLES, st.sampled_from(["en", "de-AT", None]), st.integers(0, 900), st.integers(0, 99)
    ),
    min_size=1,
    max_size=8,
)
LEAVES = st.sampled_from(
    [
        *(
            "bank",
            "cafe",
            "mort*",
            '"bank rates"',
            "経済",
            "king",
            "covid-19",
            "title:go",
            "title:ri*",
            "/r.tes/",
        ),
        *(
            "tag:uk",
            "source:paper*",
            "lang:de",
            "lang:en",
            "words:>300",
            "words:[100 TO 500]",
            "age:<2d",
            "age:>1d",
        ),
        *(
            "has:link",
            "topic:money",
            "topic:new",
            "topic:n*",
            "rule:rich",
            "picked:true",
            "type:article",
            "*",
        ),
        *("published:>2026-03-09", "author:ada", "category:econ*", "url:paper", "site:paper.example"),
    ]
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} {two[1]})"),
        inner.map(lambda one: f"NOT {one}"),
    ),
    max_leaves=5,
)
NAMES = Configuration(
    topics=(
        Topic(slug="money", title="", query="bank OR mortgage"),
        Topic(slug="new", title="", query="age:<1d"),
    ),
    feeds=(Feed(slug="all", title=""),),
    rules=(RuleSet("rich", "bank -rates"),),
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARTICLES, st.lists(QUERIES, min_size=12, max_size=25))
def test_search_finds_exactly_what_matches_in_memory(
    engine: Engine, texts: list[tuple[str, str, str | None, int, int]], queries: list[str]
) -> None:
    paper = Stored(engine, replace(PAPER, initial_items=1000, tags=("uk",)), NAMES)
    paper.poll(
        [
            entry(
                f"n{n}", title=title, content=f"<p>{text}</p>", language=language, words=words,
                published=NOON - hours * HOUR, updated=None,
            )
            for n, (title, text, language, words, hours) in enumerate(texts)
        ],
        NOON,
    )  # fmt: skip
    mark_article(engine, str(paper.article(1).id), "pick", who="Ada", now=NOON)
    glossary = compile_glossary(NAMES)
    with reading(engine) as connection:
        every = list_articles(connection, after_id=0, limit=10_000)
        ours = {article.id for article in paper.stored.values()}
        for text in queries:
            query = glossary.expand(parse_query(text))
            matcher = compile_query(query)
            wanted = {
                article.id
                for article in every
                if article.id in ours and matcher(_document(article, paper), NOON) is not None
            }
            found = search(connection, query, limit=10_000, now=NOON)
            assert {article.id for article, _, _ in found} & ours == wanted, text
            dates = [(article.sort_date, article.id) for article, _, _ in found]
            assert dates == sorted(dates, reverse=True)


def _document(article: Article, paper: Stored) -> Document:
    return document_of(article, paper.source, paper.slug, article.topics)
