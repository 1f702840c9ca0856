"""A source that may have been taken over: its new articles flow in, those unlike all before come back held.

A domain that was sold, or a site that was broken into, goes on as a good feed that leads elsewhere or
speaks another language. Where a source had a habit (five alike that went out, and four fifths of all),
what is like none of them waits for a person. One that is let out widens the habit: its like passes from
then on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregator.model import Admission, ArticleState, Known

#: articles that make a habit, and the share of them that must be alike
ENOUGH, SHARE = 5, 0.8


def hold_strangers(new: Sequence[Admission], known: Known) -> list[Admission]:
    """Return the new articles of one poll; held are those that break the habit of their source."""
    sites = _Habit(one.site for one in known.habit)
    tongues = _Habit(_tongue(one.language) for one in known.habit)
    judged = []
    for one in new:
        site, tongue = known.sites.get(one.entry.key), _tongue(one.entry.language)
        if sites.is_broken_by(site):
            one = _held(one, f"it leads to {site}, the articles before it to {sites.usual}")
        elif tongues.is_broken_by(tongue):
            one = _held(one, f"it is marked {tongue}, the articles before it {tongues.usual}")
        judged.append(one)
    return judged


class _Habit:
    """What nearly all articles of a source had, if there is such a thing."""

    def __init__(self, values: Iterable[str | None]) -> None:
        self._seen = Counter(value for value in values if value)
        usual, count = (self._seen.most_common(1) or [("", 0)])[0]
        #: empty: nothing is
        self.usual = usual if count >= max(ENOUGH, SHARE * self._seen.total()) else ""

    def is_broken_by(self, value: str | None) -> bool:
        """Tell whether none of the articles had this, whatever the few others had."""
        return bool(self.usual and value) and value not in self._seen


def _tongue(language: str | None) -> str | None:
    return language.partition("-")[0].lower() if language else None


def _held(admission: Admission, reason: str) -> Admission:
    if admission.state not in (ArticleState.OUT, ArticleState.HELD):
        return admission
    return replace(admission, state=ArticleState.HELD, reason=reason, release_at=None)
