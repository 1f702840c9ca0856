"""One source in a real store: documents go in as polls bring them, and what became of them is read back.

It has the surface of the double in tests/curate/papers.py, so that the same scenarios run on both.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine, update

from aggregator.curate.gate import Admitted, admit
from aggregator.curate.held import admission_of
from aggregator.model import (
    Admission,
    Article,
    Configuration,
    Entry,
    FeedInfo,
    Fetched,
    ParsedFeed,
    Source,
    Validators,
)
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.intake import rules_in_force, take_in
from aggregator.store.articles.knowing import Listed, load_known
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.recall import find_article
from aggregator.store.articles.retention import bury
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items
from aggregator.store.tables import articles, sources
from tests.curate.papers import NOON
from tests.store.making import apply, claim_one

_numbers = itertools.count(1)


class Stored:
    """A source of its own in a store; *others* of the configuration are the caller's."""

    def __init__(self, engine: Engine, source: Source, rest: Configuration | None = None) -> None:
        self.engine = engine
        number = next(_numbers)
        # another name, too: a source of the same name would be the same source
        names = {
            "url": f"https://paper{number}.example/feed",
            "id": f"paper{number}",
            "name": f"Paper {number}",
        }
        self.source = replace(source, **names)
        self.slug = f"paper{number}"
        self.use(rest or Configuration(), NOON)
        self._first = self._last_id()

    def use(self, rest: Configuration, now: datetime) -> None:
        """Put another configuration in force; articles are not judged again."""
        self.configuration = replace(rest, sources=(self.source,))
        self.applied = apply(self.engine, self.configuration, now)

    def poll(self, entries: Sequence[Entry], now: datetime) -> Admitted:
        """Take one document in, as a poll does."""
        claim = claim_one(self.engine, self.slug, now)
        with reading(self.engine) as connection:
            listed = Listed(entries, asks_habit=self.source.gate.takeover == "hold")
            there = load_known(connection, {claim.source_id: listed}, now)[claim.source_id]
        decided = admit(entries, there, self.source, now)
        answer = Fetched(url=claim.url, status=200, headers={}, body=b"", validators=Validators())
        parsed = ParsedFeed(format="rss20", info=FeedInfo(), entries=tuple(entries))
        rules = rules_in_force("", self.configuration)
        saved = take_in(self.engine, [Polled(claim, now, answer, parsed, str(now))], rules, now)
        assert not saved.lost
        return Admitted(
            tuple(
                replace(one, article_id=one.article_id and one.article_id - self._first)
                for one in decided.admissions
            ),
            tuple(number - self._first for number in decided.seen_ids),
        )

    @property
    def stored(self) -> dict[int, Article]:
        """The source's articles, numbered from 1 in the order of arrival."""
        with reading(self.engine) as connection:
            found = list_articles(connection, after_id=self._first, limit=10_000)
        return {article.id - self._first: article for article in found}

    @property
    def articles(self) -> dict[int, Admission]:
        """The same as decisions, with what the gate keeps."""
        return {number: admission_of(article) for number, article in self.stored.items()}

    @property
    def changed_at(self) -> dict[int, datetime]:
        """When readers were last told of each article."""
        return {number: article.changed_at for number, article in self.stored.items()}

    def expire(self, number: int) -> None:
        """Let an article leave the store as retention does."""
        with writing(self.engine) as connection:
            row = connection.execute(articles.select().where(articles.c.id == number + self._first)).one()
            bury(connection, [row], NOON)

    def out(self) -> list[str]:
        """Return the titles in the feed of the source, newest first."""
        with reading(self.engine) as connection:
            head = find_feed(connection, "source", self.slug)
            assert head is not None
            return [i.article.entry.title for i in read_items(connection, head, limit=1000)]

    def article(self, number: int) -> Article:
        """Return one article as stored."""
        with reading(self.engine) as connection:
            found = find_article(connection, number + self._first)
        assert found is not None
        return found

    def forget_first_import(self) -> None:
        """Let the next document count as any other, though the source never brought one."""
        with writing(self.engine) as connection:
            connection.execute(update(sources).where(sources.c.slug == self.slug).values(imported_at=NOON))

    def _last_id(self) -> int:
        with reading(self.engine) as connection:
            found = list_articles(connection, after_id=0, limit=1_000_000)
        return found[-1].id if found else 0
