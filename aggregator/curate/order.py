"""The order of the top: entries of a feed flow in, their places flow out, each with the reason.

An entry's score is the number of independent outlets that report its story, each by the weight
of its source, halved for every six hours of age. Of the first ten entries at most two are of
one outlet; those beyond wait behind the tenth. What editors picked goes first. "Now" is an
argument: places are stored, and rendering reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.model import Item

HALF_LIFE_H = 6.0
#: at most so many of one outlet among the first so many
OF_ONE_OUTLET, AMONG = 2, 10


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry's place, from 1, and why it is there."""

    article_id: int
    position: int
    why: str


def rank(
    items: Sequence[Item],
    outlets: Mapping[int, Mapping[str, float]],
    own: Mapping[int, str],
    now: datetime,
    *,
    fades: bool = True,
) -> tuple[Ranked, ...]:
    """Return the places of the entries, best first.

    Args:
        items: copies joined already.
        outlets: story id -> outlet -> the greatest weight of its sources.
        own: source id -> its outlet.
        fades: False: age counts for nothing, as in the best of a week.
    """
    scored = []
    for item in items:
        telling = outlets.get(item.story.story_id, {}) if item.story else {}
        weight = sum(telling.values()) if telling else item.source.weight
        age_h = max(0.0, (now - item.article.sort_date).total_seconds() / 3600)
        score = weight * 0.5 ** (age_h / HALF_LIFE_H) if fades else weight
        count = len(telling) or 1
        picked = "picked, " if item.article.is_picked else ""
        age = f", {age_h:.1f} h old" if fades else ""
        reason = f"{picked}{count} outlet{'s' if count > 1 else ''}, weight {weight:g}{age}"
        scored.append((score, item, reason))
    newest = sorted(scored, key=lambda one: one[1].article.sort_date, reverse=True)
    best = sorted(newest, key=lambda one: (not one[1].article.is_picked, -one[0]))
    mixed = _mixed([(item, reason) for _, item, reason in best], own)
    return tuple(Ranked(item.article.id, place, reason) for place, (item, reason) in enumerate(mixed, 1))


def _mixed(ordered: list[tuple[Item, str]], own: Mapping[int, str]) -> list[tuple[Item, str]]:
    first: list[tuple[Item, str]] = []
    later: list[tuple[Item, str]] = []
    counts: Counter[str] = Counter()
    for item, reason in ordered:
        outlet = own.get(item.source.id, item.source.slug)
        if len(first) < AMONG and counts[outlet] < OF_ONE_OUTLET:
            counts[outlet] += 1
            first.append((item, reason))
        else:
            later.append((item, reason))
    return first + later
