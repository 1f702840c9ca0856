"""Saving: everything a batch of finished polls brought, in the caller's one transaction.

In: poll results. Out: what is new. A result whose claim was lost meanwhile is left out; the
validators are written together with the articles they came with, or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import Connection, bindparam, select, update

from aggregator.model import ArticleState, Entry, Placed, PollResult, Target
from aggregator.store.articles.arriving import Arrival, add_articles, change_articles
from aggregator.store.articles.page_texts import want_texts
from aggregator.store.counters import count_polls
from aggregator.store.feeds.placing import Standing, feed_ids, wanted_feeds, write_placements
from aggregator.store.push.pushes import write_pushes
from aggregator.store.rows import among, change_among, insert_or_replace, rows_among, write_rows
from aggregator.store.sources.hosts import write_answers
from aggregator.store.sources.polled import SETTLED_FOR, lock_sources, write_polls
from aggregator.store.stories.telling import name_stories
from aggregator.store.tables import articles, feeds, traces
from aggregator.store.types import AnyRow

#: an article's last moment in its document is kept to the day: most polls then write nothing
SEEN_STEP = timedelta(days=1)
_SEEN = (
    update(articles)
    .where(among(articles.c.id), articles.c.last_in_document < bindparam("before"))
    .values(last_in_document=bindparam("at"))
)
_ADDRESSES = select(feeds.c.kind, feeds.c.slug).where(among(feeds.c.id))


@dataclass(frozen=True, slots=True)
class Saved:
    """What a batch of polls changed."""

    #: article ids, ascending
    new: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    #: (kind, slug) of the feeds whose content changed, sorted
    feeds: tuple[tuple[str, str], ...] = ()
    #: ids of sources whose claim another worker took over meanwhile; nothing of theirs was written
    lost: tuple[int, ...] = ()
    #: (source id, how many new articles), of the sources that brought any
    by_source: tuple[tuple[int, int], ...] = ()
    #: what the new articles hold, by their ids
    arrived: Mapping[int, Entry] = field(default_factory=dict, repr=False)


def save(connection: Connection, results: Sequence[PollResult]) -> Saved:
    """Write finished polls: articles, placements, source state; and give their claims back."""
    rows = lock_sources(connection, [result.claim.source_id for result in results])
    mine = [result for result in results if _still_holds(result, rows)]
    lost = tuple(result.claim.source_id for result in results if not _still_holds(result, rows))
    polls = [result for result in mine if result.push_id is None]
    write_polls(connection, polls, rows)
    if polls:
        write_answers(connection, polls, rows, max(result.at for result in polls))
    write_pushes(connection, mine, rows)
    arrivals = [
        Arrival(_with_own_feed(placed, row.slug), result.at, row.first_url, row.imported_at is None)
        for result in mine
        for row in [rows[result.claim.source_id]]
        for placed in result.placed
    ]
    new = add_articles(connection, [x for x in arrivals if x.placed.admission.article_id is None])
    changed = change_articles(connection, [x for x in arrivals if x.placed.admission.article_id])
    _note_seen(connection, mine)
    _keep_traces(connection, polls)
    touched = place_arrivals(connection, new, changed)
    _want_texts(connection, {**new, **changed}, mine)
    count_polls(connection, mine, new=len(new), changed=len(changed))
    # what was told while it was held, or taken back, may be out now
    name_stories(connection, changed)
    counts = Counter(arrival.placed.admission.source_id for arrival in new.values())
    return Saved(
        new=tuple(sorted(new)),
        changed=tuple(sorted(changed)),
        feeds=_addresses(connection, touched),
        lost=lost,
        by_source=tuple(sorted(counts.items())),
        arrived={article_id: arrival.placed.admission.entry for article_id, arrival in new.items()},
    )


def _want_texts(
    connection: Connection, arrived: Mapping[int, Arrival], results: Sequence[PollResult]
) -> None:
    reading = {result.claim.source_id for result in results if result.claim.source.full_text}
    wanted = [
        article_id for article_id, arrival in arrived.items() if arrival.placed.admission.source_id in reading
    ]
    if wanted:
        want_texts(connection, wanted, max(result.at for result in results))


def _still_holds(result: PollResult, rows: Mapping[int, AnyRow]) -> bool:
    row = rows.get(result.claim.source_id)
    return row is not None and row.claim_token == result.claim.token


def _with_own_feed(placed: Placed, slug: str) -> Placed:
    """Every article that is out stands in the feed of its own source."""
    if placed.admission.state is not ArticleState.OUT:
        return replace(placed, targets=())
    own = Target("source", slug, f"source: {slug}")
    if placed.targets[-1:] == (own,):
        return placed
    # it was placed under the slug that its source had when it was claimed
    return replace(placed, targets=(*(one for one in placed.targets if one.kind != "source"), own))


def _note_seen(connection: Connection, results: Sequence[PollResult]) -> None:
    ids = {article_id for result in results for article_id in result.seen_ids}
    if ids:
        at = max(result.at for result in results)
        # while their document is settled nobody looks at them
        before = at - SEEN_STEP + SETTLED_FOR
        change_among(connection, _SEEN, ids, at=at, before=before)


def _keep_traces(connection: Connection, results: Sequence[PollResult]) -> None:
    """Keep by what the next reading knows these documents; with their articles, or not at all."""
    by_source = sorted(results, key=lambda result: result.claim.source_id)
    rows = [{"source_id": r.claim.source_id, "trace": r.trace} for r in by_source if r.trace is not None]
    write_rows(connection, insert_or_replace(connection, traces, "trace"), rows)


def place_arrivals(
    connection: Connection, new: Mapping[int, Arrival], changed: Mapping[int, Arrival]
) -> set[int]:
    """Place stored articles, by their ids, where their arrivals say; return the ids of changed feeds."""
    together = {**new, **changed}
    targets = {(t.kind, t.slug) for arrival in together.values() for t in arrival.placed.targets}
    ids = feed_ids(connection, targets)
    return write_placements(
        connection,
        [
            _standing(article_id, arrival, wanted_feeds(arrival.placed.targets, ids), article_id in new)
            for article_id, arrival in together.items()
        ],
    )


def _standing(article_id: int, arrival: Arrival, wanted: Mapping[int, str], is_new: bool) -> Standing:
    admission = arrival.placed.admission
    is_heard = admission.is_announced and not arrival.is_history
    return Standing(
        article_id=article_id,
        sort_date=admission.sort_date,
        digest=admission.entry.digest,
        at=arrival.at,
        feeds=wanted,
        is_new=is_new,
        is_changed=not is_new,
        touched_at=arrival.at if is_heard else None,
        withdrawn_id=admission.published_id if admission.state is ArticleState.WITHDRAWN else None,
    )


def _addresses(connection: Connection, ids: set[int]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((row.kind, row.slug) for row in rows_among(connection, _ADDRESSES, ids)))
