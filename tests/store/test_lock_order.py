"""Two processes that write about the same article at once never wait for each other in a circle."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, event

from aggregator.model import Budget, Configuration, Feed
from aggregator.model.pages import PageRead, PageText
from aggregator.pipeline.editing import mark_article
from aggregator.store.articles.page_texts import claim_pages, save_pages
from aggregator.store.articles.saving import Saved
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.feeds.items import read_items
from tests.databases import Databases
from tests.store.making import HOUR, NOW, apply, arrive, entry, head_of, source


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


def _keep_text(engine: Engine, read: PageRead) -> frozenset[int]:
    with writing(engine) as connection:
        return save_pages(connection, [read])
