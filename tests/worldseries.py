"""Series of the demo world: small notices that come at a fixed interval for as long as it runs.

In flow a series of a paper (title and text patterns with ``{one|another}`` choices) and the seconds that
have passed, out flow items. The choices follow from the number of the notice alone, so every run of the
world prints the same ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")

#: notices of one series that are still remembered
KEPT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A pattern of notices; the number n comes out at ``first + n * every`` seconds."""

    name: str
    first: float
    every: float
    section: str
    categories: str = ""
    titles: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of a series."""

    id: str
    at_s: float
    title: str
    text: str


def notices(series: Series, elapsed_s: float) -> tuple[Notice, ...]:
    """Return the last KEPT notices that are out after *elapsed_s* seconds, oldest first."""
    if elapsed_s < series.first:
        return ()
    last = int((elapsed_s - series.first) // series.every)
    return tuple(_notice(series, number) for number in range(max(0, last - KEPT + 1), last + 1))


def _notice(series: Series, number: int) -> Notice:
    name = f"{series.name}-{number + 1}"
    title = series.titles[number % len(series.titles)]
    text = series.texts[number % len(series.texts)]
    return Notice(name, series.first + number * series.every, _chosen(title, name), _chosen(text, name))


def _chosen(pattern: str, seed: str) -> str:
    """Return *pattern* with one of each ``{a|b|c}``, told by *seed*."""
    counter = 0

    def pick(found: re.Match[str]) -> str:
        nonlocal counter
        counter += 1
        options = found[1].split("|")
        number = int.from_bytes(blake2b(f"{seed}/{counter}/{found[1]}".encode(), digest_size=4).digest())
        return options[number % len(options)]

    return _CHOICE.sub(pick, pattern)
