"""Changed rules meet stored articles in steps, between which others may write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, select

from aggregator.model import ArticleState, Configuration, Entry, Feed, Topic
from aggregator.pipeline import apply as applying
from aggregator.pipeline.apply import settle
from aggregator.store.articles import affected
from aggregator.store.articles.affected import FEW_RULES
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.tables import applied, articles, feeds, placements
from tests.databases import Databases
from tests.store.making import NOW, admission, apply, arrive, claim_one, entry, placed, poll, source, store

PAPER = source("Paper")
#: each from one configuration to the next: topics, feeds
CHANGES: Sequence[tuple[dict[str, str], dict[str, str]]] = (
    ({"trees": "oak OR ash"}, {"wood": "topic:trees -ash", "long": "words:[1 TO *]"}),
    ({"trees": "ash elm"}, {"wood": "topic:trees -ash", "long": "words:[1 TO *]"}),
    ({"trees": "elm* OR title:oak"}, {"wood": "topic:tr* AND oak", "rest": "-topic:trees"}),
    ({"shrubs": '"ash elm"'}, {"wood": "topic:shrubs OR oak", "rest": "-topic:trees"}),
    ({"shrubs": "tag:none"}, {"wood": "/o.k/"}),
)
#: of sixteen articles so many may stand elsewhere afterwards
COUNTS = [16, 12, 16, 16, 16]


def test_others_write_between_the_steps_of_a_changed_rule(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(engine, Configuration(sources=(PAPER,)))
    arrive(engine, "paper", *(entry(f"e{n}") for n in range(60)))
    apply(engine, Configuration(sources=(PAPER,), feeds=(Feed(slug="all", title="All"),)))
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        with writing(engine) as connection:  # nothing is held while it rests
            connection.execute(applied.update().values(host="another"))

    monkeypatch.setattr(applying.time, "sleep", rest)
    monkeypatch.setattr(applying, "BATCH", 10)
    monkeypatch.setattr(applying, "MOST", 10)
    assert settle(engine, NOW) == 60
    assert len(rests) >= 6
    assert all(0 < seconds <= applying.REST_S for seconds in rests)
    with reading(engine) as connection:
        assert connection.scalar(select(applied.c.host)) == "another"


def configured(topics: dict[str, str], wanted: dict[str, str]) -> Configuration:
    return Configuration(
        sources=(PAPER,),
        topics=tuple(Topic(slug=slug, title=slug, query=query) for slug, query in topics.items()),
        feeds=tuple(Feed(slug=slug, title=slug, query=query) for slug, query in wanted.items()),
    )


def grow(engine: Engine) -> None:
    """Store an article for each set of three words; every other one is held."""
    claim = claim_one(engine, "paper")
    words = ("oak", "ash", "elm")
    texts = [" ".join(w for n, w in enumerate(words) if number >> n & 1) for number in range(8)]
    entries: list[Entry] = [
        entry(f"e{number}", title=text.partition(" ")[0], content=f"<p>{text}</p>")
        for number, text in enumerate((*texts, *texts))
    ]
    states = {"state": ArticleState.HELD, "reason": "it waits"}
    admitted = [admission(claim, one, **(states if n % 2 else {})) for n, one in enumerate(entries)]
    store(engine, poll(claim, *map(placed, admitted)))


def standing(engine: Engine) -> list[Any]:
    """Return where every article stands, why and in what order, and its labels."""
    f, p, a = feeds.c, placements.c, articles.c
    where = select(f.kind, f.slug, p.article_id, p.entered, p.why, p.sort_date).join_from(placements, feeds)
    with reading(engine) as connection:
        rows = connection.execute(where.order_by(f.kind, f.slug, p.article_id)).all()
        labels = connection.execute(select(a.id, a.topics).order_by(a.id)).all()
    return [*map(tuple, rows), *map(tuple, labels)]


def test_what_no_changed_rule_can_take_or_lose_need_not_be_judged(
    databases: Databases, database_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, counts = [], []
    for few in (FEW_RULES, -1):  # those affected alone, and all
        monkeypatch.setattr(affected, "FEW_RULES", few)
        engine = open_engine(databases.url(database_kind))
        apply(engine, configured({}, {}))
        grow(engine)
        steps: list[Any] = []
        for topics, wanted in CHANGES:
            apply(engine, configured(topics, wanted))
            counts.append(settle(engine, NOW))
            steps.append(standing(engine))
        told.append(steps)
        engine.dispose()
    assert told[0] == told[1]
    assert counts[: len(CHANGES)] == COUNTS
