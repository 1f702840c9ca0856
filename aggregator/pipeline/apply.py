"""The configuration file becomes the applied configuration, and changed rules meet stored articles.

In: a loaded file. Out: rows that every process follows. Nothing stored is lost: a rule
that changed only moves placements, a source that left keeps its articles for their time.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.config.file import Loaded
from aggregator.curate.held import admission_of
from aggregator.curate.opt_out import BACK, compile_opt_out
from aggregator.curate.topics import Rules, compile_rules, place, required_words
from aggregator.model import Article, Configuration, Placed
from aggregator.store.articles.affected import list_affected
from aggregator.store.articles.listing import load_articles
from aggregator.store.articles.opted_out import judge_links
from aggregator.store.configurations import (
    Applied,
    apply_configuration,
    is_still_applied,
    load_applied,
    load_opt_out,
    note_judged,
)
from aggregator.store.engine import Connection, Engine, reading, writing
from aggregator.store.feeds.configured import pending_feeds
from aggregator.store.feeds.rejudging import end_replacing, replace_placements
from aggregator.store.sources.cards import load_cards, load_settings

#: stored articles judged again in one transaction, at first and at least and most
BATCH, FEWEST, MOST = 100, 10, 500
#: seconds that such a transaction should take, so that no poll waits long
HOLD_S = 0.04
#: the longest rest after one, in seconds: SQLite has no queue, who waits for it looks again now and then
REST_S = 0.25


def apply_loaded(
    engine: Engine, loaded: Loaded, now: datetime, progress: Callable[[int], None] | None = None
) -> Applied:
    """Put a valid configuration in force and judge stored articles by it; a no-op when it already is.

    What an interrupted earlier apply left undone is done now.

    Args:
        progress: called with the number of articles judged again so far.
    """
    applied = put_in_force(engine, loaded, now)
    if applied.feeds_changed:
        settle(engine, now, progress)
    return applied


def put_in_force(engine: Engine, loaded: Loaded, now: datetime) -> Applied:
    """Put a valid configuration in force; stored articles stand where they stood until settle().

    Only what publishers want out leaves at once; what they no longer do is let out by a worker.
    """
    opt_out = compile_opt_out(loaded.configuration.opt_out)
    allowed = without_opted_out(loaded.configuration)
    with writing(engine) as connection:
        before = load_opt_out(connection)
        applied = apply_configuration(
            connection, allowed, digest=loaded.digest, host=socket.gethostname(), now=now
        )
        if before != allowed.opt_out:
            judge_links(connection, opt_out.decide, BACK, now)
    return applied


def without_opted_out(configuration: Configuration) -> Configuration:
    """Return the configuration without the sources that may not be polled: their publishers opted out."""
    opt_out = compile_opt_out(configuration.opt_out)
    allowed = tuple(source for source in configuration.sources if opt_out.find(source.url) is None)
    return replace(configuration, sources=allowed)


def settle(engine: Engine, now: datetime, progress: Callable[[int], None] | None = None) -> int:
    """Judge stored articles for the feeds whose rules changed, oldest first; return how many.

    Only those that may enter or leave are judged: few, where the words of the rules are rare. In short
    transactions, beside polls. When another configuration is put in force meanwhile, it begins again by
    that one.
    """
    while True:
        with reading(engine) as connection:
            feeds = pending_feeds(connection)
            applied = load_applied(connection) if feeds else None
            if applied is None:
                return 0
            affected = list_affected(connection, feeds, required_words(applied.configuration, feeds))
        rules = compile_rules(applied.configuration)
        judged = _judge_all(engine, applied.digest, rules, feeds, affected, now, progress)
        if judged is not None:
            return judged


def _judge_all(
    engine: Engine,
    digest: str,
    rules: Rules,
    feeds: Collection[tuple[str, str]],
    affected: Sequence[int],
    now: datetime,
    progress: Callable[[int], None] | None,
) -> int | None:
    """Return how many articles were judged; None when the rules are no longer in force."""
    judged, size = 0, BATCH
    while True:
        with writing(engine) as connection:
            began = time.monotonic()
            if not is_still_applied(connection, digest):
                return None
            ids = affected[judged : judged + size]
            note_judged(connection, ids[-1] if ids else None)
            if not ids:
                end_replacing(connection, feeds)
                return judged
            replace_placements(
                connection, _judge(connection, load_articles(connection, ids), rules), feeds, now
            )
        judged += len(ids)
        if progress:
            progress(judged)
        size = _let_others_in(time.monotonic() - began, size)


def _let_others_in(held_s: float, size: int) -> int:
    """Rest for as long as the database was held, and return how many articles to judge next."""
    time.sleep(min(held_s, REST_S))
    return max(FEWEST, min(MOST, int(size * HOLD_S / max(held_s, 0.001))))


def _judge(connection: Connection, page: Collection[Article], rules: Rules) -> list[Placed]:
    ids = {article.source_id for article in page}
    cards, settings = load_cards(connection, ids), load_settings(connection, ids)
    return [
        place(admission_of(article), rules, settings[article.source_id], cards[article.source_id].slug)
        for article in page
    ]
