"""The explanation of an article tells the truth: in or out, by which part, and what happened on its way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aggregator.model import Configuration, Entry, Feed, Gate, PerSource, Rewrite, RuleSet, Topic
from aggregator.pipeline.apply import settle
from aggregator.pipeline.editing import mark_article, release_due, undo
from aggregator.pipeline.explaining import Explanation, Verdict, explain_article
from aggregator.query.document import Document
from aggregator.query.explain import explain_query
from aggregator.query.glossary import compile_glossary
from aggregator.query.parse import parse_query
from aggregator.store.engine import reading
from tests.curate.papers import NOON, PAPER, entry, identified
from tests.running import printed, refused
from tests.stored import Stored

HOUR = timedelta(hours=1)
REST = Configuration(
    topics=(Topic(slug="bridges", title="Bridges", query="bridge*"),),
    rules=(RuleSet("no-sport", "-football"),),
    feeds=(
        Feed(slug="mix", title="Mix", query="(bridge OR tower) rule:no-sport"),
        Feed(slug="by-topic", title="By topic", query="topic:bridges -today"),
        Feed(slug="short", title="Short", limit=1),
        Feed(slug="capped", title="Capped", per_source=PerSource(count=1)),
        Feed(slug="fresh", title="Fresh", query="age:<1h"),
    ),
    rewrites=(Rewrite(name="Tidy", query="tower", truncate=3), Rewrite(name="Else", query="topic:bridges")),
)


def explained(paper: Stored, number: int) -> Explanation:
    with reading(paper.engine) as connection:
        return explain_article(connection, paper.configuration, str(paper.article(number).id))


def verdicts(paper: Stored, number: int) -> dict[str, Verdict]:
    return {verdict.slug: verdict for verdict in explained(paper, number).verdicts}


@pytest.fixture
def paper(engine: Engine) -> Stored:
    stored = Stored(engine, PAPER, REST)
    stored.poll([entry("tower", published=NOON - 2 * HOUR)], NOON)
    stored.poll([entry("bridge", published=NOON)], NOON + HOUR)
    return stored


def test_every_feed_and_topic_says_which_part_of_its_query_decided(paper: Stored) -> None:
    found = verdicts(paper, 2)
    assert found["bridges"].because == ("title: bridge*",)
    assert found["mix"].is_shown
    assert found["mix"].because == ("title: bridge",)
    assert not found["by-topic"].is_in
    assert found["by-topic"].because == ("NOT today does not hold: text: today",)
    assert verdicts(paper, 1)["bridges"].because == ("no bridge*",)
    assert found[paper.slug].is_shown


def test_what_is_in_but_not_shown_says_why(paper: Stored) -> None:
    found = verdicts(paper, 1)
    assert found["short"].because[-1] == "but not shown: older than the 1 newest articles of the feed"
    assert found["capped"].because[-1] == "but not shown: capped: newer ones of its source take the 1"
    assert found["fresh"].because[-1] == "but not shown: too old for the age: in the query"
    assert [found[slug].is_in for slug in ("short", "capped", "fresh")] == [True] * 3
    assert [found[slug].is_shown for slug in ("short", "capped", "fresh")] == [False] * 3


def test_rules_that_rewrite_it_are_named(paper: Stored) -> None:
    assert explained(paper, 1).rewrites == ("Tidy",)
    assert explained(paper, 2).rewrites == ("Else",)


def test_what_polls_and_people_did_is_told_in_order(paper: Stored) -> None:
    edited = identified(replace(paper.article(2).entry, title="The bridge is closed"))
    paper.poll([edited], NOON + 2 * HOUR)
    small = identified(replace(edited, content=edited.content + " "))
    paper.poll([small], NOON + 3 * HOUR)
    moved = identified(replace(small, id="tag:paper.example:bridge"))
    paper.poll([moved], NOON + 4 * HOUR)
    number = str(paper.article(2).id)
    mark_article(paper.engine, number, "hide", who="Ada", now=NOON + 5 * HOUR, words="spam")
    hidden = explained(paper, 2)
    assert {v.because for v in hidden.verdicts} == {("it is rejected: hidden by hand: spam",)}
    undo(paper.engine, number, who="Ben", now=NOON + 6 * HOUR)
    assert [(event.at - NOON, event.what) for event in explained(paper, 2).history] == [
        (HOUR, f"a poll of {paper.slug} brought it"),
        (2 * HOUR, "title changed; told to readers"),
        (3 * HOUR, "text changed; too little to tell, or kept quiet by edits: silent"),
        (
            4 * HOUR,
            "its publisher gave it another id or address; before it was https://paper.example/bridge",
        ),
        (5 * HOUR, "Ada: hide: spam"),
        (6 * HOUR, "Ben: undid hide of Ada"),
    ]


def test_a_held_article_says_why_and_until_when(engine: Engine) -> None:
    paper = Stored(engine, replace(PAPER, gate=Gate(hold_s=3600)), REST)
    paper.poll([entry("bridge")], NOON)
    reason = "every new article of its source waits for a while"
    assert {v.because for v in explained(paper, 1).verdicts} == {(f"it is held: {reason}",)}
    assert explained(paper, 1).history[0].what.endswith(f"held: {reason}")
    release_due(engine, NOON + HOUR)
    assert [event.what for event in explained(paper, 1).history] == [
        f"a poll of {paper.slug} brought it",
        f"went out; held because {reason}",
    ]
    assert verdicts(paper, 1)["mix"].is_shown


def test_a_rule_not_yet_applied_says_so(paper: Stored) -> None:
    feed = Feed(slug="late", title="Late", query="bridge")
    paper.use(replace(REST, feeds=(feed,)), NOON + HOUR)
    assert "being judged" in verdicts(paper, 2)["late"].because[0]
    settle(paper.engine, NOON + HOUR)
    assert verdicts(paper, 2)["late"].is_shown


@pytest.mark.parametrize(
    ("query", "decisive"),
    [
        ("bank mortgage", ("no mortgage",)),
        ("bank OR mortgage", ("title: bank",)),
        ("mortgage OR rates2", ("none of (mortgage OR rates2)",)),
        ("-bank", ("NOT bank does not hold: title: bank",)),
        ("-mortgage", ("NOT mortgage",)),
        ("words:>9000", ("no words: >9000",)),
        ("", ("everything",)),
    ],
)
def test_the_part_that_decides_is_named(query: str, decisive: tuple[str, ...]) -> None:
    part = explain_query(parse_query(query), Document(Entry(title="The bank"), PAPER))
    assert part.decisive() == decisive


def test_a_topic_that_uses_age_is_explained_where_it_is_named() -> None:
    configuration = Configuration(topics=(Topic(slug="new", title="", query="age:<1d"),))
    expanded = compile_glossary(configuration).expand(parse_query("topic:new"))
    part = explain_query(expanded, Document(Entry(), PAPER, ("new",), date=NOON))
    assert part.decisive() == ("topic: new", "age: <1d")


def test_explain_command(tmp_path: Path, sqlite_engine: Engine) -> None:
    paper = Stored(sqlite_engine, PAPER, REST)
    paper.poll([entry("bridge")], NOON)
    path = tmp_path / "aggregator.yaml"
    path.write_text(
        f"database: {sqlite_engine.url}\n"
        f"sources: [{{url: '{paper.source.url}', id: {paper.slug}}}]\n"
        "feeds: {mix: {query: 'bridge -sport'}, none: {query: sport}}\n",
        "utf-8",
    )
    link = str(paper.article(1).entry.link)
    told = json.loads(printed(path, "explain", link, "--json"))
    assert {feed["slug"]: feed["is_in"] for feed in told["feeds"]} == {
        "mix": True,
        "none": False,
        paper.slug: True,
    }
    shown = printed(path, "explain", link, "--feed", "mix")
    assert "in        feed mix: title: bridge" in shown
    assert "yes NOT" not in shown
    assert "no  sport" in shown
    assert "no article has the id" in refused(path, "explain", "https://nowhere.example/")
