"""What the web reads of the store and keeps at hand: values out, nothing written.

A feed's version and the applied configuration are read at most once a second in a process;
editions and rendered feeds are made once for each version and kept in bounded memory.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

from aggregator.curate.arrange import rows_for
from aggregator.curate.rewrite import Looks
from aggregator.errors import StoreError
from aggregator.model import (
    Configuration,
    Edition,
    FeedHead,
    FeedKind,
    Item,
    Rendered,
    Site,
)
from aggregator.pipeline.editions import archived_edition, edition_of, live_edition, narrowed_edition
from aggregator.pipeline.explaining import Explanation, explain_article
from aggregator.publish.lru import LruCache
from aggregator.publish.render import etag_of
from aggregator.store.articles.recall import forget_articles
from aggregator.store.engine import Connection, Engine, reading
from aggregator.store.feeds.archives import find_archive
from aggregator.store.feeds.bylines import find_author
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items
from aggregator.store.feeds.tokens import load_hashes, opens
from aggregator.store.pulse import Pulse, take_pulse
from aggregator.web.answers import Terms
from aggregator.web.cache import Paced, PageKey, TtlCache, items_weight, page_key, weight
from aggregator.web.counted import render
from aggregator.web.narrowing import Narrowing, narrow_head
from aggregator.web.questions import Questions
from aggregator.web.standing import Standing, read_standing

#: how long a version stands before it is read again
VERSION_S = 1.0
#: memory of one process for rendered feeds, and for those narrowed by a question (anybody can ask one)
RENDERED_BYTES, NARROWED_BYTES, SHORTENED_BYTES = 64_000_000, 12_000_000, 4_000_000
#: the same for pages
PAGES_BYTES = 32_000_000
#: how long lists of everything stand
LIST_S = 60.0
#: characters of the articles in editions kept for pages
EDITIONS_CHARS = 32_000_000
#: the same of placed articles kept for explanations
PLACED_CHARS = 16_000_000
#: there is one standing, that of this moment
_NOW = "now"

P = ParamSpec("P")
Value = TypeVar("Value")
_etag_of = lru_cache(maxsize=4096)(etag_of)


class Desk:
    """The web's view of the store. Safe to use from several threads."""

    def __init__(self, engine: Engine, fallback: Configuration | None = None) -> None:
        """Args:
        fallback: the configuration to use while none was applied; None: an empty one.
        """
        self.engine = engine
        self._first = self._last = Standing(configuration=fallback or Configuration())
        self._standing: TtlCache[str, Standing] = TtlCache(VERSION_S, 1)
        self._heads: TtlCache[tuple[FeedKind, str], FeedHead | None] = TtlCache(VERSION_S, 4096)
        self._hashes: TtlCache[int, tuple[bytes, ...]] = TtlCache(VERSION_S, 1024)
        #: turns of those who ask something of everything stored
        self.questions = Questions()
        self._narrowed: LruCache[str, Rendered] = LruCache(NARROWED_BYTES, weight)
        self._shortened: LruCache[str, Rendered] = LruCache(SHORTENED_BYTES, weight)
        self._rendered: LruCache[str, Rendered] = LruCache(RENDERED_BYTES, weight)
        self._documents: TtlCache[tuple[str, str], Rendered] = TtlCache(LIST_S, 2)
        self._listing = Lock()
        self._pulse: Paced[Pulse] = Paced(lambda pulse: pulse.stands_s)
        self._pages: LruCache[PageKey, tuple[Rendered, Terms]] = LruCache(
            PAGES_BYTES, lambda kept: weight(kept[0])
        )
        self._editions: LruCache[tuple[str, int | None], Edition] = LruCache(
            EDITIONS_CHARS, lambda edition: items_weight(edition.items)
        )
        self._placed: LruCache[str, tuple[Item, ...]] = LruCache(PLACED_CHARS, items_weight)

    @property
    def standing(self) -> Standing:
        """How the paper stands, as of a second ago at most."""
        return self._standing.get(_NOW, self._look)

    @property
    def configuration(self) -> Configuration:
        """The configuration in force."""
        return self.standing.configuration

    def find_configuration(self) -> Configuration | None:
        """Return the configuration in force, None while the store does not answer."""
        try:
            return self.configuration
        except StoreError:
            return None

    @property
    def site(self) -> Site:
        """The site of the configuration in force."""
        return self.configuration.site

    @property
    def looks(self) -> Looks:
        """What of the configuration in force shapes feeds."""
        return self.standing.looks

    def renew(self, seconds: float) -> None:
        """Read feeds' versions again when they are asked for next; each stands for *seconds* from then on."""
        for versions in (self._heads, self._standing):
            versions.renew(seconds)

    def heads(self) -> tuple[FeedHead, ...]:
        """Return every feed and topic that everybody may read."""
        return self.standing.heads

    def find_head(self, kind: FeedKind, slug: str) -> FeedHead | None:
        """Return a published feed, None if there is none of that name."""
        return self._heads.get((kind, slug), lambda: self.read(_find, kind, slug))

    def opens(self, head: FeedHead, secret: str) -> bool:
        """Say whether *secret* is a token of a private feed; one that was revoked opens nothing."""
        hashes = self._hashes.get(head.id, lambda: self.read(load_hashes, head.id))
        return opens(secret, hashes)

    def find_rendered(self, head: FeedHead, suffix: str) -> Rendered:
        """Return a feed's document."""
        site, looks = self.site, self.looks
        key = _etag_of(site, head, suffix)
        return self._rendered.get(key, lambda: render(self.read(live_edition, head, site, looks), suffix))

    def find_archive(self, head: FeedHead, number: int, suffix: str) -> Rendered | None:
        """Return an archive of a feed; None if it has none of that number, or nothing is left of it."""
        archive = self.read(find_archive, head, number)
        if archive is None:
            return None
        site, looks = self.site, self.looks
        # of what the feed holds now, nothing has a part in its archives
        timeless = replace(head, version=f"{head.look} {archive}", changed_at=None, newest_archive=None)
        return self._rendered.get(
            _etag_of(site, timeless, f"{suffix} archive"),
            lambda: render(self.read(archived_edition, head, site, looks, archive), suffix),
        )

    def find_narrowed(self, head: FeedHead, narrowing: Narrowing, suffix: str) -> Rendered:
        """Return a feed's document with only what *narrowing* asks for."""
        key = _etag_of(self.site, narrow_head(head, narrowing), suffix)

        def make() -> Rendered:
            return render(self._narrow(head, narrowing), suffix)

        # only fewer entries of a feed are no question: they wait for nobody's turn
        return self.keep_narrowed(key, make) if narrowing.query else self._shortened.get(key, make)

    def narrowed(self, head: FeedHead, narrowing: Narrowing) -> Edition:
        """Return what a feed holds of what *narrowing* asks for."""
        with self.questions.turn() if narrowing.query else nullcontext():
            return self._narrow(head, narrowing)

    def _narrow(self, head: FeedHead, narrowing: Narrowing) -> Edition:
        site, looks, shown = self.site, self.looks, narrow_head(head, narrowing)
        if narrowing.query:
            return self.read(narrowed_edition, head, site, shown, narrowing.query, looks)
        whole = self.read(edition_of, head, site, shown.limit, looks)
        return replace(whole, feed=shown)

    def keep_narrowed(self, key: str, make: Callable[[], Rendered]) -> Rendered:
        """Return the document of somebody's question by its tag, made by *make* unless it is at hand."""
        found = self._narrowed.find(key)
        if found is not None:
            return found
        with self.questions.turn(key):
            return self._narrowed.get(key, make)

    def peek_rendered(self, kind: FeedKind, slug: str, suffix: str) -> Rendered | None:
        """Return a feed's document if it is at hand and surely current, without reading anything."""
        standing = self._standing.find_fresh(_NOW)
        head = self._heads.find_fresh((kind, slug))
        if standing is None or head is None or head.access != "public" or head.slug != slug:
            return None
        return self._rendered.find(_etag_of(self.site, head, suffix))

    def find_list(self, name: str, make: Callable[[], Rendered]) -> Rendered:
        """Return a list of everything, made by *make* a minute ago at most, or since the rules changed."""
        with self._listing:
            return self._documents.get((name, self._last.digest or ""), make)

    def find_page(self, path: str, terms: Terms, make: Callable[[], Rendered]) -> Rendered:
        """Return the page at *path*, made by *make* unless it is at hand and nothing has changed."""
        return self._pages.get(page_key(path, self.standing.whole.stamp), lambda: (make(), terms))[0]

    def peek_page(self, path: str) -> tuple[Rendered, Terms] | None:
        """Return the page at *path* if it is at hand and surely current, without reading anything."""
        standing = self._standing.find_fresh(_NOW)
        return self._pages.find(page_key(path, standing.whole.stamp)) if standing else None

    def edition(self, head: FeedHead, limit: int | None = None) -> Edition:
        """Return what a feed holds now; at most *limit* items, None for as many as the feed shows."""
        site, looks = self.site, self.looks
        key = (_etag_of(site, head, "edition"), limit)
        return self._editions.get(key, lambda: self.read(edition_of, head, site, limit, looks))

    def explain(self, article_id: int) -> Explanation:
        """Return why an article is where it is.

        Raises:
            NotFound: there is none.
        """
        configuration, looks = self.configuration, self.looks

        def explain(connection: Connection) -> Explanation:
            def read(head: FeedHead) -> tuple[Item, ...]:
                key = _etag_of(configuration.site, head, "placed")
                return self._placed.get(key, lambda: read_items(connection, head, limit=rows_for(head)))

            return explain_article(connection, configuration, str(article_id), looks, read)

        return self.read(explain)

    def pulse(self, now: datetime) -> Pulse:
        """Return how the store stands now."""
        return self._pulse.get(lambda: self.read(take_pulse, now))

    def forget(self) -> None:
        """Begin afresh with empty memories, as a new process does."""
        self.forget_moments()
        self._last = self._first
        for memory in (
            self._narrowed,
            self._shortened,
            self._rendered,
            self._editions,
            self._pages,
            self._placed,
        ):
            memory.clear()
        forget_articles(self.engine)

    def forget_moments(self) -> None:
        """Let a second pass: what is read again after one is read again."""
        self._documents.clear()
        for memory in (self._standing, self._heads, self._hashes):
            memory.clear()

    def _look(self) -> Standing:
        self._last = found = self.read(read_standing, self._last)
        return found

    def read(
        self, query: Callable[Concatenate[Connection, P], Value], *arguments: P.args, **named: P.kwargs
    ) -> Value:
        """Return what *query* finds in the store, in a transaction of its own."""
        with reading(self.engine) as connection:
            return query(connection, *arguments, **named)


def _find(connection: Connection, kind: FeedKind, slug: str) -> FeedHead | None:
    return find_author(connection, slug) if kind == "author" else find_feed(connection, kind, slug)
