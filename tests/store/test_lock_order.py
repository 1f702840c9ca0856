"""Two processes that write about the same articles or stories never wait for each other in a circle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select

from aggregator.model import ArticleState, Budget, Configuration, Feed
from aggregator.model.pages import PageRead, PageText
from aggregator.pipeline.editing import mark_article
from aggregator.store.articles.page_texts import claim_pages, save_pages
from aggregator.store.articles.retention import bury
from aggregator.store.articles.saving import Saved, save
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.feeds.items import read_items
from aggregator.store.feeds.live import age_out
from aggregator.store.stories.corrections import join_stories
from aggregator.store.stories.telling import hold_stories, save_members
from aggregator.store.tables import articles, feeds
from tests.databases import Databases
from tests.store.making import (
    DAY,
    HOUR,
    NOW,
    WHOLE,
    admission,
    apply,
    arrive,
    claim_one,
    entry,
    head_of,
    member,
    placed,
    poll,
    source,
    store,
)


def test_an_edit_and_a_decision_let_the_text_of_a_page_in(databases: Databases) -> None:
    engine = open_engine(databases.url("postgresql"))
    sources = (source("Paper", full_text=True),)
    apply(engine, Configuration(sources=sources, feeds=(Feed(slug="front", title="Front"),)))
    arrive(engine, "paper", entry("a"), feeds=["front"])

    def edit() -> Saved:
        return arrive(engine, "paper", entry("a", content="<p>Edited</p>"), feeds=["front"], at=NOW + HOUR)

    for write in (edit, lambda: mark_article(engine, "1", "pick", who="Ada", now=NOW)):
        with writing(engine) as connection:
            connection.exec_driver_sql(f"UPDATE page_texts SET due_at = {int(NOW.timestamp()) * 1_000_000}")
            (claim,) = claim_pages(connection, NOW, Budget(per_host=9), limit=1, seconds=60)
        met = threading.Barrier(2)

        def meet(_connection: Any, _cursor: Any, statement: str, *_: Any, met: Any = met) -> None:
            """Let each come to its second lock before either takes it, where they could."""
            if statement.startswith("INSERT INTO page_texts") or "FROM feeds" in statement:
                with suppress(threading.BrokenBarrierError):
                    met.wait(0.3)

        event.listen(engine, "before_cursor_execute", meet)
        with ThreadPoolExecutor() as both:
            wrote, kept = (
                both.submit(write),
                both.submit(
                    _keep_text, engine, PageRead(claim=claim, at=NOW, text=PageText("<p>All of it</p>", 3))
                ),
            )
            assert wrote.result()
            assert kept.result()
        event.remove(engine, "before_cursor_execute", meet)
        with reading(engine) as connection:
            (item,) = read_items(connection, head_of(engine), limit=9)
        assert item.article.page_text == "<p>All of it</p>"
    engine.dispose()


def test_a_configuration_is_applied_while_the_text_of_a_page_comes_in(databases: Databases) -> None:
    url = databases.url("postgresql")
    engine, other = open_engine(url), open_engine(url)
    front, back = Feed(slug="front", title="Front"), Feed(slug="back", title="Back")
    before = Configuration(sources=(source("Paper", full_text=True),), feeds=(front, back))
    apply(engine, before)
    arrive(engine, "paper", entry("a"), feeds=["front", "back"])
    with writing(engine) as connection:
        (claim,) = claim_pages(connection, NOW, Budget(per_host=9), limit=1, seconds=60)
    holds_one, kept = threading.Event(), threading.Event()

    def pause(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        """Leave the text time to lock the other feed, where it could, before the rest of them is written."""
        if "SET settings" in statement and not holds_one.is_set():
            holds_one.set()
            kept.wait(0.5)

    def keep() -> frozenset[int]:
        holds_one.wait(30)
        return _keep_text(engine, PageRead(claim=claim, at=NOW, text=PageText("<p>All of it</p>", 3)))

    event.listen(other, "after_cursor_execute", pause)
    turned = (replace(back, title="The back"), replace(front, title="The front"))
    with ThreadPoolExecutor() as both:
        changed = both.submit(keep)
        apply(other, replace(before, feeds=turned), NOW + HOUR)
        kept.set()
        assert len(changed.result()) == 3
    engine.dispose()
    other.dispose()


def _keep_text(engine: Engine, read: PageRead) -> frozenset[int]:
    with writing(engine) as connection:
        return save_pages(connection, [read])


def test_news_is_told_while_what_was_taken_back_comes_back(databases: Databases) -> None:
    url = databases.url("postgresql")
    engine = _of_two_stories(url)
    back, news = claim_one(engine, "paper"), claim_one(engine, "rival")
    returned = admission(back, entry("silent"), article_id=2)

    def come_back(connection: Connection) -> None:
        save(connection, [poll(back, placed(returned, "front"))])

    def tell_news(connection: Connection) -> None:
        save(connection, [poll(news, placed(admission(news, entry("news")), "back"))])
        hold_stories(connection)

    met = threading.Barrier(2)
    _together(
        (_meeting(url, met, "INSERT INTO counters"), come_back),
        (_meeting(url, met, "SELECT pg_advisory_xact_lock"), tell_news),
    )
    engine.dispose()


@pytest.mark.parametrize("does", ["edits", "corrects"])
def test_an_article_leaves_while_somebody_edits_it_or_corrects_its_story(
    databases: Databases, does: str
) -> None:
    url = databases.url("postgresql")
    engine = _of_two_stories(url)
    claim = claim_one(engine, "paper")
    leaving, statement = (2, "UPDATE story_members") if does == "corrects" else (3, "FROM feeds")

    def write(connection: Connection) -> None:
        if does == "corrects":
            join_stories(connection, 1, 3, NOW)
        else:
            edit = admission(claim, entry("out", title="Edited"), article_id=leaving)
            save(connection, [poll(claim, placed(edit, "front"))])

    def leave(connection: Connection) -> None:
        a = articles.c
        rows = select(a.id, a.source_id, a.identity, a.sort_date, a.digest).where(a.id == leaving)
        bury(connection, connection.execute(rows).all(), NOW)

    met = threading.Barrier(2)
    when = "after_cursor_execute" if does == "corrects" else "before_cursor_execute"
    _together(
        (_meeting(url, met, "DELETE FROM articles", when), leave), (_meeting(url, met, statement), write)
    )
    engine.dispose()


def test_time_waits_for_no_feed_that_somebody_writes(databases: Databases) -> None:
    """Feeds are let age in the order of their time, not in that in which others lock them."""
    engine = open_engine(databases.url("postgresql"))
    apply(engine, WHOLE)
    arrive(engine, "paper", *(entry(f"k{n:02}") for n in range(120)), feeds=["front", "back"])
    before = [head_of(engine, slug).recent_from for slug in ("front", "back")]
    with writing(engine) as writer:
        writer.execute(select(feeds.c.id).where(feeds.c.slug == "front").with_for_update())
        with writing(engine) as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            age_out(connection, NOW + 3 * DAY, lambda head: head.recent_from)
    after = [head_of(engine, slug).recent_from for slug in ("front", "back")]
    assert (after[0], after[1]) == (before[0], NOW + DAY)
    engine.dispose()


def _of_two_stories(url: str) -> Engine:
    """Make a store where article 1 is one story, and 2, which is not out, and 3, which is, are another."""
    engine = open_engine(url)
    apply(engine, WHOLE)
    claims = claim_one(engine, "rival"), claim_one(engine, "paper")
    other, silent, out = (
        admission(claims[0], entry("other")),
        admission(claims[1], entry("silent"), state=ArticleState.SILENT),
        admission(claims[1], entry("out")),
    )
    store(engine, poll(claims[0], placed(other, "front")))
    store(engine, poll(claims[1], placed(silent), placed(out, "front")))
    with writing(engine) as connection:
        hold_stories(connection)
        save_members(connection, [member(1), member(2), member(3, story_id=2)], {})
    return engine


def _meeting(url: str, met: threading.Barrier, words: str, when: str = "before_cursor_execute") -> Engine:
    """Return an engine that waits for the other before, or after, a statement with these words."""
    engine = open_engine(url)

    def meet(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if words in statement:
            with suppress(threading.BrokenBarrierError):
                met.wait(0.3)

    event.listen(engine, when, meet)
    return engine


def _together(*works: tuple[Engine, Callable[[Connection], None]]) -> None:
    """Do them at once, each in a transaction of an engine of its own, and see that all end well."""

    def work(engine: Engine, write: Callable[[Connection], None]) -> None:
        try:
            with writing(engine) as connection:
                write(connection)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work, *one) for one in works]:
            done.result()
