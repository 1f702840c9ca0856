"""The review: what is known of sources and feeds is judged, and what is wrong becomes stored events.

In: a store and the time. Out: problems opened and closed. Judging is schedule.trouble's, keeping is
store.problems'; this strings the two together for the pipeline (what a poll has just shown) and for
maintenance (what only time shows).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from aggregator.model import SourceState, Trouble, TroubleKind
from aggregator.schedule.trouble import (
    BY_HABIT,
    BY_STATE,
    trouble_of_feed,
    troubles_of_habits,
    troubles_of_state,
)
from aggregator.store.dialect import chunks
from aggregator.store.engine import Connection, Engine, reading, writing
from aggregator.store.feeds.heads import list_feeds
from aggregator.store.problems import note_troubles
from aggregator.store.sources.habits import iter_entered, load_habits
from aggregator.store.sources.states import list_ids, load_states

#: sources whose habits are read in one go
BATCH = 500
#: sources judged in one round of maintenance, and seconds from one to the next; where there are more, a
#: round judges its part of them
MOST, ROUND_S = 5000, 600


def review_polled(connection: Connection, source_ids: Collection[int], now: datetime) -> None:
    """Note what the last poll of these sources shows."""
    if source_ids:
        note_troubles(connection, BY_STATE, _by_state(load_states(connection, source_ids), now), now)


def review_all(engine: Engine, now: datetime) -> int:
    """Judge every source whose turn it is, and every feed; return how many problems changed.

    Reads and writes in small steps, so that polls do not wait for it.
    """
    with reading(engine) as connection:
        ids = _share(list_ids(connection), now)
        feeds = _stale(connection, now)
    changed = sum(review_sources(engine, some, now) for some in chunks(ids, BATCH))
    with writing(engine) as connection:
        return changed + note_troubles(connection, {TroubleKind.STALE}, feeds, now)


def _share(ids: Sequence[int], now: datetime) -> Sequence[int]:
    """Return the part that is judged in this round; as many rounds later it comes again."""
    parts = -(-len(ids) // MOST) or 1
    return ids[int(now.timestamp() // ROUND_S) % parts :: parts]


def review_sources(engine: Engine, ids: Sequence[int], now: datetime) -> int:
    """Judge these sources; return how many problems changed."""
    with reading(engine) as connection:
        states = load_states(connection, ids)
        found = load_habits(connection, ids, now)
    habits = {_subject(one): troubles_of_habits(one, found[one.source_id], now) for one in states}
    with writing(engine) as connection:
        changed = note_troubles(connection, BY_STATE, _by_state(states, now), now)
        return changed + note_troubles(connection, BY_HABIT, habits, now)


def _by_state(states: Sequence[SourceState], now: datetime) -> dict[str, Sequence[Trouble]]:
    return {_subject(state): troubles_of_state(state, now) for state in states}


def _stale(connection: Connection, now: datetime) -> dict[str, Sequence[Trouble]]:
    # what is amiss is published; a private feed is not named to everybody
    titles = {h.id: h.title if h.access == "public" else "(private)" for h in list_feeds(connection)}
    return {
        f"feed {feed_id}": trouble_of_feed(titles.get(feed_id, slug), entered, now)
        for feed_id, _, slug, entered in iter_entered(connection)
    }


def _subject(state: SourceState) -> str:
    return f"source {state.source_id}"
