"""A document that holds what the last one held is known by a hash: no article is looked up for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select

from aggregator.model import Entry, FeedInfo, Fetched, ParsedFeed, Validators
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.intake import rules_in_force, take_in
from aggregator.store.articles.saving import SEEN_STEP
from aggregator.store.engine import reading
from aggregator.store.sources.polled import SETTLED_FOR
from aggregator.store.tables import articles
from tests.curate.papers import NOON, PAPER, entry
from tests.store.making import claim_one
from tests.stored import Stored

HOUR = timedelta(hours=1)
TWO = (entry("a"), entry("b"))


@pytest.fixture
def paper(engine: Engine) -> Stored:
    return Stored(engine, PAPER)


def looks(paper: Stored, entries: tuple[Entry, ...], at: datetime, push_id: int | None = None) -> bool:
    """Take a document in; tell whether articles were looked at."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    claim = claim_one(paper.engine, paper.slug, at)
    answer = Fetched(url=claim.url, status=200, headers={}, body=b"", validators=Validators())
    parsed = ParsedFeed(format="rss20", info=FeedInfo(title="Paper"), entries=entries)
    polled = Polled(claim, at, answer, parsed, body_hash=str(at), push_id=push_id)
    event.listen(paper.engine, "before_cursor_execute", note)
    try:
        take_in(paper.engine, [polled], rules_in_force("", paper.configuration), at)
    finally:
        event.remove(paper.engine, "before_cursor_execute", note)
    return any("articles" in statement for statement in seen)


def last_seen(paper: Stored) -> list[datetime]:
    with reading(paper.engine) as connection:
        return list(connection.scalars(select(articles.c.last_in_document)))


def test_the_same_entries_in_another_document_are_not_looked_up(paper: Stored) -> None:
    assert looks(paper, TWO, NOON)
    before = paper.stored
    assert not looks(paper, TWO[::-1], NOON + HOUR)
    assert paper.stored == before


def test_what_is_new_or_changed_is_seen_at_once(paper: Stored) -> None:
    looks(paper, TWO, NOON)
    edited = replace(TWO[0], title="Another title", digest="another")
    assert looks(paper, (edited, TWO[1]), NOON + HOUR)
    assert looks(paper, (*TWO, entry("c")), NOON + 2 * HOUR)
    assert {article.entry.title for article in paper.stored.values()} == {"About a", "About b", "About c"}


def test_an_article_in_its_document_is_noted_in_time(paper: Stored) -> None:
    looked = []
    for hour in range(72):
        at = NOON + hour * HOUR
        looked.append(looks(paper, TWO, at))
        assert min(last_seen(paper)) >= at - SEEN_STEP
    assert sum(looked) == 72 * HOUR / SETTLED_FOR


def test_a_push_that_changes_an_article_asks_for_a_look(paper: Stored) -> None:
    looks(paper, TWO, NOON)
    edited = replace(TWO[0], title="Another title", digest="another")
    looks(paper, (edited,), NOON + HOUR, push_id=1)
    assert looks(paper, TWO, NOON + 2 * HOUR)
    assert not looks(paper, TWO, NOON + 3 * HOUR)
