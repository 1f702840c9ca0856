"""Trouble: what is known of a source or a feed flows in, what a person should look at flows out.

Judged against the source's own habit, never against others: a blog that posts twice a year is not
silent after a month, a wire is after a weekend. Nothing is read or written here, and the clock is
an argument; who calls it stores the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from aggregator.model import Arrived, Habits, SourceState, Trouble, TroubleKind
from aggregator.schedule.rhythm import load_rhythm
from aggregator.schedule.words import in_words

#: kinds that the state alone tells; the others need habits
BY_STATE = frozenset(
    {
        TroubleKind.MOVED,
        TroubleKind.GONE,
        TroubleKind.CHALLENGE,
        TroubleKind.CERTIFICATE,
        TroubleKind.FAILING,
        TroubleKind.LOSSY,
    }
)
BY_HABIT = frozenset(TroubleKind) - BY_STATE - {TroubleKind.STALE}

#: without an answer for so long, a source is worth a look whatever the reason
FAILING_AFTER = timedelta(days=1)
#: after a gap it is called lossy for so long
LOSSY_FOR = timedelta(days=7)
#: silence is judged by the longest pause of so many entries …
PAUSES = 10
#: … that it must exceed so many times, and never earlier than this
SILENCE_FACTOR, SHORTEST_SILENCE = 2.0, timedelta(days=2)
#: share of the entries that must agree to be a habit, and how many new ones break it
HABIT_SHARE, NEW_ONES, OLD_ONES = 0.8, 3, 5
#: so many in a day, and so many times the usual, is suspicious
FLOOD, FLOOD_FACTOR = 30, 10


def troubles_of_state(state: SourceState, now: datetime) -> tuple[Trouble, ...]:
    """Return what is wrong with a source as far as its polls tell."""
    if not state.is_configured:
        return ()
    return tuple(_of_state(state, name_of(state), now))


def troubles_of_habits(state: SourceState, habits: Habits, now: datetime) -> tuple[Trouble, ...]:
    """Return what is odd about what a source brought lately."""
    if not state.is_configured or habits.imported_at is None:
        return ()
    name = name_of(state)
    found = [_domain(name, habits), _language(name, habits), _rate(name, habits, now)]
    if state.state == "ok":
        pause = longer_than_ever([one.sort_date for one in habits.recent], now)
        if pause:
            newest = max(one.sort_date for one in habits.recent)
            found.append(
                Trouble(
                    TroubleKind.SILENT,
                    f"{name} has gone silent",
                    f"It answers, but brought nothing new since {newest:%d %B %Y}: {in_words(pause)} "
                    "is far longer than its pauses used to be.",
                )
            )
    return tuple(one for one in found if one)


def trouble_of_feed(title: str, entered: Sequence[datetime], now: datetime) -> tuple[Trouble, ...]:
    """Return whether a published feed went stale: no article for longer than it ever waited.

    Args:
        entered: when articles came into it, the newest few dozen, in any order.
    """
    pause = longer_than_ever(entered, now)
    if not pause:
        return ()
    return (
        Trouble(
            TroubleKind.STALE,
            f"The feed {title} has gone stale",
            f"No article came into it for {in_words(pause)}, far longer than before. Look whether its "
            "sources still bring something and whether its query still matches.",
        ),
    )


def longer_than_ever(times: Sequence[datetime], now: datetime) -> float | None:
    """Return the seconds since the newest of *times* where that is unheard of, else None."""
    ordered = sorted(times)
    if len(ordered) <= PAUSES:
        return None
    pauses = [(b - a).total_seconds() for a, b in pairwise(ordered)]
    silence = (now - ordered[-1]).total_seconds()
    limit = max(SILENCE_FACTOR * max(pauses), SHORTEST_SILENCE.total_seconds())
    return silence if silence > limit else None


def name_of(state: SourceState) -> str:
    """Return the source's name as people know it."""
    return state.source.name or state.info.title or state.slug


def _of_state(state: SourceState, name: str, now: datetime) -> Iterator[Trouble]:
    where = state.source.where or "the configuration"
    reason = state.reason or ""
    if state.is_moved and state.moved_to:
        yield Trouble(
            TroubleKind.MOVED,
            f"{name} has moved",
            f"In {where} write url: {state.moved_to} instead of {state.source.url}. Until then the new "
            "address is asked all the same.",
        )
    if state.state == "gone":
        yield Trouble(
            TroubleKind.GONE, f"{name} is gone", f"{reason} Remove it from {where}, or find its successor."
        )
    elif state.failure_kind == "challenge":
        yield Trouble(TroubleKind.CHALLENGE, f"{name} is behind a bot wall", reason)
    elif state.failure_kind == "tls":
        yield Trouble(TroubleKind.CERTIFICATE, f"{name} has trouble with its certificate", reason)
    elif state.failures and _is_long_away(state, now):
        last = f"since {state.last_success:%d %B %Y, %H:%M} UTC" if state.last_success else "ever"
        yield Trouble(TroubleKind.FAILING, f"{name} does not answer", f"No good answer {last}. {reason}")
    gap = load_rhythm(state.rhythm).last_gap
    if gap and now - gap <= LOSSY_FOR:
        yield Trouble(
            TroubleKind.LOSSY,
            f"{name} may be losing entries",
            f"On {gap:%d %B %Y, %H:%M} UTC nothing of the poll before was left in its document, so entries "
            "may have come and gone in between. It is asked more often now where its server allows it.",
        )


def _is_long_away(state: SourceState, now: datetime) -> bool:
    since = state.last_success or state.added_at
    return since is not None and now - since >= FAILING_AFTER


def _domain(name: str, habits: Habits) -> Trouble | None:
    change = _broken_habit(habits.recent, [one.site for one in habits.recent])
    if change is None:
        return None
    return Trouble(
        TroubleKind.DOMAIN,
        f"{name} links to another site",
        f"Its entries used to lead to {change[0]} and lead to {change[1]} now. A domain that was sold or a "
        "feed that was taken over look like this.",
    )


def _language(name: str, habits: Habits) -> Trouble | None:
    tags = [one.language.partition("-")[0].lower() if one.language else None for one in habits.recent]
    change = _broken_habit(habits.recent, tags)
    if change is None:
        return None
    return Trouble(
        TroubleKind.LANGUAGE,
        f"{name} speaks another language",
        f"Its entries used to be marked {change[0]} and are marked {change[1]} now.",
    )


def _broken_habit(recent: Sequence[Arrived], values: Sequence[str | None]) -> tuple[str, str] | None:
    """Return (what nearly all entries had, what all the newest have); None if nothing changed so."""
    pairs = [(one, value) for one, value in zip(recent, values, strict=True) if value]
    newest = pairs[:NEW_ONES]
    if len(newest) < NEW_ONES:
        return None
    now_value = newest[0][1]
    run = 0
    while run < len(pairs) and pairs[run][1] == now_value:
        run += 1
    old = Counter(value for _, value in pairs[run:])
    if run < NEW_ONES or old.total() < OLD_ONES:
        return None
    usual, count = old.most_common(1)[0]
    is_habit = count >= HABIT_SHARE * old.total() and now_value not in old
    return (usual, now_value) if is_habit else None


def _rate(name: str, habits: Habits, now: datetime) -> Trouble | None:
    known = now - timedelta(days=1) - (habits.imported_at or now)
    days = min(known / timedelta(days=1), 28.0)
    if days < 7 or habits.last_day < FLOOD:
        return None
    usual = habits.before / days
    if habits.last_day < FLOOD_FACTOR * max(usual, 1.0):
        return None
    return Trouble(
        TroubleKind.RATE,
        f"{name} brings far more than usual",
        f"{habits.last_day} entries in a day, where about {usual:.1f} used to come.",
    )
