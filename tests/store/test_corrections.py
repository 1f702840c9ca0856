"""What a person says about stories: what is told keeps its id, whoever was taken out or came in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, text

from aggregator.model import ArticleState
from aggregator.pipeline.editing import mark_article
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.locks import lock_shared
from aggregator.store.stories.corrections import join_stories, split_story
from aggregator.store.stories.coverage import memberships_of
from aggregator.store.stories.telling import hold_stories, save_members
from tests.databases import Databases
from tests.running import wait_until
from tests.store.making import (
    HOUR,
    NOW,
    WHOLE,
    admission,
    apply,
    claim_one,
    entry,
    member,
    placed,
    poll,
    store,
)

#: sort dates of the articles 1, 2, …: the third tells of something before the others
DATES = (NOW - HOUR, NOW, NOW - 2 * HOUR, NOW)


@pytest.fixture
def told(engine: Engine) -> Engine:
    """Article 1, which is not out, opened a story that 2, then 3 were told to; 4 is told by itself."""
    return fill(engine)


def fill(engine: Engine, told: int = 4) -> Engine:
    apply(engine, WHOLE)
    claim = claim_one(engine, "paper")
    states = (ArticleState.SILENT, ArticleState.OUT, ArticleState.OUT, ArticleState.OUT)
    entries = [entry(str(number), published=date) for number, date in enumerate(DATES, 1)]
    new = [admission(claim, one, state=state) for one, state in zip(entries, states, strict=True)]
    store(engine, poll(claim, *(placed(one, "front") for one in new)))
    for article_id, story_id in ((1, 1), (2, 1), (3, 1), (4, 4))[:told]:
        with writing(engine) as connection:
            tell(connection, article_id, story_id)
    return engine


def tell(connection: Connection, article_id: int, story_id: int) -> None:
    at = DATES[article_id - 1]
    out = {article_id: (id_of(article_id), at)} if article_id > 1 else {}
    hold_stories(connection)
    save_members(connection, [member(article_id, story_id=story_id, at=at)], out)


def id_of(article_id: int) -> str:
    return f"tag:test,2026:{article_id}"


def stories(engine: Engine) -> dict[int, tuple[int, str | None]]:
    """Article -> its story, and under which id that is published."""
    with reading(engine) as connection:
        found = memberships_of(connection, [1, 2, 3, 4])
    return {article_id: (one.story_id, one.published_id) for article_id, one in found.items()}


def test_a_story_keeps_its_id_when_the_article_that_opened_it_is_taken_out(told: Engine) -> None:
    with writing(told) as connection:
        assert split_story(connection, 1, NOW) == 1
    assert stories(told) == {1: (1, None), 2: (2, id_of(2)), 3: (2, id_of(2)), 4: (4, id_of(4))}


def test_whose_id_a_story_has_takes_it_along(told: Engine) -> None:
    with writing(told) as connection:
        assert split_story(connection, 2, NOW) == 2
    assert stories(told) == {1: (1, id_of(3)), 2: (2, id_of(2)), 3: (1, id_of(3)), 4: (4, id_of(4))}


def test_what_opened_a_story_and_named_it_leaves_the_next_one_to_name_the_rest(told: Engine) -> None:
    with writing(told) as connection:
        split_story(connection, 1, NOW)
        assert split_story(connection, 2, NOW) == 2
        assert split_story(connection, 2, NOW) == 2, "alone already"
    assert stories(told) == {1: (1, None), 2: (2, id_of(2)), 3: (3, id_of(3)), 4: (4, id_of(4))}


def test_of_two_stories_the_one_that_was_placed_names_both(told: Engine) -> None:
    with writing(told) as connection:
        split_story(connection, 1, NOW)
        assert join_stories(connection, 4, 1, NOW) == 1
    assert stories(told) == {1: (1, id_of(4)), 2: (2, id_of(2)), 3: (2, id_of(2)), 4: (1, id_of(4))}


def test_an_article_that_goes_out_later_names_its_story_unless_another_did(told: Engine) -> None:
    mark_article(told, "1", "release", who="Ada", now=NOW)
    assert stories(told)[1] == (1, id_of(2))
    mark_article(told, "1", "hide", who="Ada", now=NOW)
    with writing(told) as connection:
        split_story(connection, 1, NOW)
    assert stories(told)[1] == (1, None)
    mark_article(told, "1", "release", who="Ada", now=NOW)
    assert stories(told)[1] == (1, id_of(1))


def test_what_is_told_while_a_person_corrects_is_corrected_too(databases: Databases) -> None:
    engine = fill(open_engine(databases.url("postgresql")), told=3)
    with ThreadPoolExecutor() as others:
        with writing(engine) as polls:
            lock_shared(polls, "configuration")  # as who takes polls in
            tell(polls, 4, 1)
            split = others.submit(_split, engine, 1)
            wait_until(lambda: _waits(engine) or split.done())
        assert split.result() == 1
    assert {article: story for article, (story, _) in stories(engine).items()} == {1: 1, 2: 2, 3: 2, 4: 2}
    engine.dispose()


def _split(engine: Engine, article_id: int) -> int:
    with writing(engine) as connection:
        return split_story(connection, article_id, NOW)


def _waits(engine: Engine) -> bool:
    with reading(engine) as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
