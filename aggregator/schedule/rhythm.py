"""The rhythm: claimed times of new entries flow in, what is expected of a source flows out.

A rhythm has two halves. The *rate* says how many entries come: entries and the time they took are
counted with two fading memories, of three months and of ten days, and the short one starts from what
the long one knows. The *profile* says when in the week they come (see ``views``). Claims of the
publisher and our own sightings are both used but never mixed: the claim says when an entry
appeared, the sighting stands in where a claim is absent or lies ahead of it.

A rhythm changes only when something new was seen. Silence needs no writing down: the rate falls as
the time since grows. It is a few kilobytes of JSON for a busy source, half of that for a quiet one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, isfinite

import orjson

from aggregator.schedule.views import EVEN, Odds, Views, weigh
from aggregator.schedule.week import DAY_S, QUARTER_S, QUARTERS, quarter_of

#: the two memories: what is older than this counts a third, or less
MEMORY_S = 90 * DAY_S
SHORT_MEMORY_S = 10 * DAY_S
#: a source of which nothing is known is taken to bring one entry in ten days ...
_PRIOR_ENTRIES, _PRIOR_S = 0.5, 5 * DAY_S
#: ... and the short memory to have seen this many entries at the pace of the long one
_SHORT_PRIOR = 5.0
#: entries of one quarter of an hour that count: more are an import, not a habit
_MOST_AT_ONCE = 8
#: a document of unknown length is taken to hold no more than this
_USUAL_WINDOW = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: entries of a first document that views are tried on: older ones would weigh little
_FORETOLD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What learn() made of the times seen so far. Rhythm() knows nothing yet."""

    #: when the sums below were last brought up to date; None if never
    learnt_at: datetime | None = None
    #: from when on the source is known: its oldest entry seen
    since: datetime | None = None
    #: claimed time of the newest entry
    newest: datetime | None = None
    #: entries in the long and in the short memory, at learnt_at
    count: float = 0.0
    recent: float = 0.0
    #: entries in the long memory by quarter of the week; empty if none
    quarters: tuple[float, ...] = ()
    #: how much each view is believed, see ``views``
    odds: Odds = EVEN
    #: entries in a whole document; 0 if unknown
    window: int = 0
    #: polls that found not one entry known: some may have been lost in between
    gaps: int = 0
    last_gap: datetime | None = None
    #: share of the window that one wait may use up; falls with a gap and slowly recovers
    room: float = 0.5

    def per_day(self, now: datetime) -> float:
        """Return the entries expected in a day at *now*; never 0."""
        if self.learnt_at is None or self.since is None:
            return _PRIOR_ENTRIES / _PRIOR_S * DAY_S
        silence = max(0.0, (now - self.learnt_at).total_seconds())
        known = max(0.0, (now - self.since).total_seconds())
        count = self.count * exp(-silence / MEMORY_S) + _PRIOR_ENTRIES
        rate = count / (_remembered(known, MEMORY_S) + _PRIOR_S)
        recent = self.recent * exp(-silence / SHORT_MEMORY_S) + _SHORT_PRIOR
        return DAY_S * recent / (_remembered(known, SHORT_MEMORY_S) + _SHORT_PRIOR / rate)


def learn(
    rhythm: Rhythm,
    published: Sequence[datetime | None],
    first_seen: datetime,
    *,
    overlaps: bool | None = None,
    last_poll: datetime | None = None,
    window: int | None = None,
) -> Rhythm:
    """Return *rhythm* after a poll that found new entries.

    Args:
        rhythm: what was known before; Rhythm() at the first document.
        published: the times the new entries claim (at least one), in any order; None where one claims none.
        first_seen: when the poll saw them.
        overlaps: whether the document also held entries known before. None: unknown, then a poll
            that brings as many new ones as the first document held counts as a gap.
        last_poll: when the poll before was: an entry without a date appeared somewhere in between.
            None: unknown, then it appeared when it was seen.
        window: entries in the whole document; None: unknown, then as many as first came, at most 20.
    """
    is_first = rhythm.learnt_at is None
    times = _times(published, first_seen, None if is_first else _middle(last_poll, first_seen))
    holds = window or rhythm.window or min(len(published), _USUAL_WINDOW)
    if is_first and not times:  # without a date nothing is told but that we know the source now
        return Rhythm(learnt_at=first_seen, since=first_seen, window=holds)
    since, fresh = rhythm.since or times[0], times
    if is_first:  # the oldest entry only tells from when on we know the source
        fresh = times[1:]
    # calls out of order are taken as one moment
    age = max(0.0, (first_seen - (rhythm.learnt_at or first_seen)).total_seconds())
    faded = exp(-age / MEMORY_S)
    quarters = [weight * faded for weight in rhythm.quarters] or [0.0] * QUARTERS
    odds = _judged(rhythm.odds, quarters, fresh, is_first)
    odds = tuple(odd * _faded(first_seen, times[-1], MEMORY_S) for odd in odds)
    weights = [_faded(first_seen, time, MEMORY_S) for time in fresh]
    for time, weight in zip(fresh, weights, strict=True):
        quarters[quarter_of(time)] += weight
    has_gap = _has_gap(rhythm, len(published), overlaps)
    return Rhythm(
        learnt_at=max(first_seen, rhythm.learnt_at or first_seen),
        since=since,
        newest=max(times[-1], rhythm.newest or times[-1]),
        count=rhythm.count * faded + sum(weights),
        recent=rhythm.recent * exp(-age / SHORT_MEMORY_S)
        + sum(_faded(first_seen, time, SHORT_MEMORY_S) for time in fresh),
        quarters=tuple(quarters),
        odds=odds,
        window=holds,
        gaps=rhythm.gaps + has_gap,
        last_gap=first_seen if has_gap else rhythm.last_gap,
        room=max(0.05, rhythm.room * 0.6) if has_gap else min(0.5, rhythm.room * 1.01),
    )


def dump_rhythm(rhythm: Rhythm) -> str:
    """Return *rhythm* as compact JSON; what is derived is left out."""
    state = {
        "learnt_at": _seconds(rhythm.learnt_at),
        "since": _seconds(rhythm.since),
        "newest": _seconds(rhythm.newest),
        "count": round(rhythm.count, 3),
        "recent": round(rhythm.recent, 3),
        "quarters": [(round(weight, 2) or 0) if weight else 0 for weight in rhythm.quarters],
        "odds": [round(odd, 2) for odd in rhythm.odds],
        "window": rhythm.window,
        "gaps": rhythm.gaps,
        "last_gap": _seconds(rhythm.last_gap),
        "room": round(rhythm.room, 3),
    }
    return orjson.dumps(state).decode()


def load_rhythm(text: str | None) -> Rhythm:
    """Return the rhythm that dump_rhythm() wrote; Rhythm() for None.

    A text of another shape, left by an earlier release, is forgotten rather than guessed at.
    """
    try:
        state = orjson.loads(text or "{}")
        for moment in ("learnt_at", "since", "newest", "last_gap"):
            state[moment] = _moment(state.get(moment))
        quarters, odds = tuple(state.pop("quarters", ())), tuple(state.pop("odds", EVEN))
        if len(quarters) not in (0, QUARTERS) or len(odds) != len(EVEN) or not isfinite(sum(quarters + odds)):
            return Rhythm()
        return Rhythm(**state, quarters=quarters, odds=odds)
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError):
        return Rhythm()


def _middle(last_poll: datetime | None, first_seen: datetime) -> datetime:
    if last_poll is None or last_poll >= first_seen:
        return first_seen
    return first_seen - (first_seen - last_poll) / 2


def _times(
    published: Iterable[datetime | None], first_seen: datetime, stand_in: datetime | None
) -> list[datetime]:
    """Return when the new entries appeared, sorted, without the bulk of imports.

    An entry without a date appeared at *stand_in*; in a first document, without one, that says nothing.
    """
    times = sorted(min(time, first_seen) for time in (t or stand_in for t in published) if time)
    at_once: Counter[int] = Counter()
    kept = []
    for time in times:
        quarter = int(time.timestamp() // QUARTER_S)
        at_once[quarter] += 1
        if at_once[quarter] <= _MOST_AT_ONCE:
            kept.append(time)
    return kept


def _judged(odds: Odds, quarters: list[float], fresh: Sequence[datetime], is_first: bool) -> Odds:
    """Return *odds* after the views tried to foretell *fresh*; a first document's older half teaches."""
    if is_first:
        half = max(len(fresh) // 2, len(fresh) - _FORETOLD)
        quarters, older, fresh = list(quarters), fresh[:half], fresh[half:] if half else ()
        for time in older:
            quarters[quarter_of(time)] += _faded(older[-1], time, MEMORY_S)
    return weigh(odds, Views(quarters), [quarter_of(time) for time in fresh])


def _has_gap(rhythm: Rhythm, new: int, overlaps: bool | None) -> bool:
    if rhythm.learnt_at is None:
        return False
    return not overlaps if overlaps is not None else new >= rhythm.window > 1


def _faded(now: datetime, time: datetime, memory_s: float) -> float:
    return exp(-(now - time).total_seconds() / memory_s)


def _remembered(known_s: float, memory_s: float) -> float:
    """Return how many of *known_s* seconds a fading memory still counts."""
    return memory_s * (1 - exp(-known_s / memory_s))


def _seconds(time: datetime | None) -> int | None:
    return None if time is None else round(time.timestamp())


def _moment(seconds: float | None) -> datetime | None:
    # no datetime.fromtimestamp(): where time_t has 32 bits it knows nothing before 1901 and after 2038
    return None if seconds is None else _EPOCH + timedelta(seconds=seconds)
