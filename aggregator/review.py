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
from aggregator.store.habits import iter_entered, load_habits
from aggregator.store.placements import list_feeds
from aggregator.store.problems import note_troubles
from aggregator.store.sources import list_states, load_states

#: sources whose habits are read in one go
BATCH = 500


def review_polled(connection: Connection, source_ids: Collection[int], now: datetime) -> int:
    """Note what the last poll of these sources shows; return how many problems changed."""
    if not source_ids:
        return 0
    states = load_states(connection, source_ids)
    return note_troubles(connection, BY_STATE, _by_state(states, now), now)


def review_all(engine: Engine, now: datetime) -> int:
    """Judge every source and every feed; return how many problems changed.

    Reads in small steps and writes once, so that polls do not wait for it.
    """
    with reading(engine) as connection:
        states = list_states(connection)
        feeds = _stale(connection, now)
    habits: dict[str, Sequence[Trouble]] = {}
    for some in chunks(states, BATCH):
        with reading(engine) as connection:
            found = load_habits(connection, [state.source_id for state in some], now)
        habits |= {_subject(one): troubles_of_habits(one, found[one.source_id], now) for one in some}
    with writing(engine) as connection:
        changed = note_troubles(connection, BY_STATE, _by_state(states, now), now)
        changed += note_troubles(connection, BY_HABIT, habits, now)
        return changed + note_troubles(connection, {TroubleKind.STALE}, feeds, now)


def _by_state(states: Sequence[SourceState], now: datetime) -> dict[str, Sequence[Trouble]]:
    return {_subject(state): troubles_of_state(state, now) for state in states}


def _stale(connection: Connection, now: datetime) -> dict[str, Sequence[Trouble]]:
    titles = {head.id: head.title for head in list_feeds(connection)}
    return {
        f"feed {feed_id}": trouble_of_feed(titles.get(feed_id, slug), entered, now)
        for feed_id, _, slug, entered in iter_entered(connection)
    }


def _subject(state: SourceState) -> str:
    return f"source {state.source_id}"
