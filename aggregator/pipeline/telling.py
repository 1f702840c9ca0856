"""New articles are told to the story index, and what it decides is stored in the same transaction.

It strings the store and curate together, nothing else. Each worker has one Teller, which keeps the
index of the last days in memory and reads what other workers decided since, so that all of them,
also one that starts anew, know the same stories.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from aggregator.curate.stories.index import WINDOW, StoryIndex
from aggregator.curate.stories.links import canonical_link
from aggregator.curate.stories.outlets import outlet_of
from aggregator.curate.stories.told import Decision, Told
from aggregator.model import Entry
from aggregator.query.sketch import NOTHING
from aggregator.query.wording import sketch
from aggregator.store.engine import Connection
from aggregator.store.stories.telling import (
    CORRECTED,
    Member,
    Untold,
    date_of_newest,
    has_members,
    hold_stories,
    load_members,
    newest_date,
    save_members,
    untold,
)

#: how far back from the newest article stories are in memory: a story lasts longer than the gap within it
MEMORY = WINDOW + timedelta(days=4)
#: … and further back for an article that comes late, but no further than so many articles
REACH = 10_000
#: memory begins at a multiple of this, and is read anew when that moves: so old stories leave, and
#: a worker that has run for months remembers what one that starts now reads; but no article waits
#: for that while memory begins a single step too early (see keep_up)
_STEP = timedelta(days=1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Teller:
    """Tells new articles to the stories. Not for use from several threads at once."""

    def __init__(self) -> None:
        self._index: StoryIndex | None = None
        self._revision = 0
        #: memory holds what is dated from here on, and began there by itself
        self._since = self._begin = _EPOCH

    @contextmanager
    def or_forget(self) -> Iterator[Teller]:
        """Forget everything when the transaction inside fails: what was told in it was not stored."""
        try:
            yield self
        except BaseException:
            self._index = None
            raise

    def tell(self, connection: Connection, arrived: Mapping[int, Entry]) -> tuple[int, ...]:
        """Decide the stories of new articles and return the stories' ids; the last lock of a transaction.

        Args:
            arrived: what the articles hold, by their ids.
        """
        if not arrived:
            return ()
        hold_stories(connection)
        new = untold(connection, arrived)
        index = self._up_to_date(connection, min((article.sort_date for article in new), default=None))
        members = []
        placed = {}
        for article in new:
            told = told_of(article, arrived[article.article_id], self._since)
            members.append(_member(told, index.tell(told)))
            if article.is_out:
                placed[article.article_id] = (article.published_id, article.sort_date)
        self._revision = save_members(connection, members, placed)
        return tuple(sorted({member.story_id for member in members}))

    def keep_up(self, connection: Connection) -> None:
        """Read memory anew if it begins too early, and keep little; to be called between batches."""
        if self._index is not None:
            with self.or_forget():
                self._up_to_date(connection, None, late=timedelta(0)).forget_portraits()

    def _up_to_date(
        self, connection: Connection, oldest: datetime | None, late: timedelta = _STEP
    ) -> StoryIndex:
        begin = begin_of_memory(newest_date(connection) or _EPOCH)
        since = self._since
        if self._index is None or not begin - late <= self._begin <= begin:
            self._begin = since = begin
        if oldest is not None and oldest - WINDOW < since:
            furthest = _day_of(date_of_newest(connection, REACH) or _EPOCH)
            since = min(since, max(_day_of(oldest - WINDOW), furthest))
        if self._index and since < self._since and not has_members(connection, since, self._since):
            self._since = since  # nothing to read back: so a first poll goes
        fresh: Iterable[Member] = ()
        if self._index is not None and since == self._since:
            fresh = tuple(load_members(connection, after=self._revision, since=since))
        else:
            self._index = None
        # a correction moves what was told long ago: read all of it anew
        if self._index is None or any(member.tie == CORRECTED for member in fresh):
            self._index, self._revision, self._since = StoryIndex(), 0, since
            fresh = load_members(connection, after=0, since=since)
        for member in fresh:
            self._index.remember(_told(member), _decision(member))
            self._revision = member.revision
        return self._index


def begin_of_memory(newest: datetime) -> datetime:
    """Return from when on stories are in memory while nothing older arrives."""
    return _day_of(newest - MEMORY)


def _day_of(time: datetime) -> datetime:
    return time - (time - _EPOCH) % _STEP


def told_of(article: Untold, entry: Entry, since: datetime) -> Told:
    """Return what the index is told of an article; of one from before *since*, only where it leads."""
    card = article.source
    return Told(
        article_id=article.article_id,
        outlet=outlet_of(card.link or card.url, card.name),
        link=canonical_link(entry.link),
        sketch=NOTHING if article.sort_date < since else sketch(entry),
        at=article.sort_date,
    )


def _member(told: Told, decision: Decision) -> Member:
    return Member(
        article_id=told.article_id,
        story_id=decision.story_id,
        text_id=decision.text_id,
        link_id=decision.link_id,
        tie=decision.tie,
        score=decision.score,
        outlet=told.outlet,
        link=told.link,
        sketch=told.sketch,
        at=told.at,
        related=decision.related,
    )


def _told(member: Member) -> Told:
    return Told(
        article_id=member.article_id,
        outlet=member.outlet,
        link=member.link,
        sketch=member.sketch,
        at=member.at,
    )


def _decision(member: Member) -> Decision:
    return Decision(
        article_id=member.article_id,
        story_id=member.story_id,
        text_id=member.text_id,
        link_id=member.link_id,
        tie="first" if member.article_id == member.story_id else "event",
        score=member.score,
    )
