"""The configuration file becomes the applied configuration, and changed rules meet stored articles.

In: a loaded file. Out: rows that every process follows. Nothing stored is lost: a rule
that changed only moves placements, a source that left keeps its articles for their time.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from datetime import datetime

from aggregator.config.load import Loaded
from aggregator.curate.topics import Rules, compile_rules, place_article
from aggregator.model import Article, Placed
from aggregator.store.articles import iter_for_rules
from aggregator.store.configurations import Applied, apply_configuration
from aggregator.store.engine import Connection, Engine, writing
from aggregator.store.placements import end_replacing, replace_placements
from aggregator.store.sources import load_cards, load_settings

#: stored articles judged again in one transaction
BATCH = 500


def apply_loaded(
    engine: Engine, loaded: Loaded, now: datetime, progress: Callable[[int], None] | None = None
) -> Applied:
    """Put a valid configuration in force; a no-op when it already is.

    What an interrupted earlier apply left undone is done now.

    Args:
        progress: called with the number of articles judged again so far.
    """
    with writing(engine) as connection:
        applied = apply_configuration(
            connection, loaded.configuration, digest=loaded.digest, host=socket.gethostname(), now=now
        )
    if applied.feeds_changed:
        reapply(engine, compile_rules(loaded.configuration), applied.feeds_changed, now, progress)
    return applied


def reapply(
    engine: Engine,
    rules: Rules,
    feeds: Collection[tuple[str, str]],
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Judge every stored article again for *feeds*, in short transactions, oldest first."""
    last, judged = 0, 0
    while True:
        with writing(engine) as connection:
            page = iter_for_rules(connection, after_id=last, limit=BATCH)
            if not page:
                return end_replacing(connection, feeds)
            replace_placements(connection, _judge(connection, page, rules), feeds, now)
        last, judged = page[-1].id, judged + len(page)
        if progress:
            progress(judged)


def _judge(connection: Connection, page: Collection[Article], rules: Rules) -> list[Placed]:
    ids = {article.source_id for article in page}
    cards, settings = load_cards(connection, ids), load_settings(connection, ids)
    return [
        place_article(article, rules, settings[article.source_id], cards[article.source_id].slug)
        for article in page
    ]
