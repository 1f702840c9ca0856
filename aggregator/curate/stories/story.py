"""What one story is known by: its articles flow in, the little that the next is compared with stays.

Most stories have one article and are never compared, so a story keeps little: its words share
their text with all others, and what only a likely story is asked for is kept as plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import mul
from typing import NamedTuple

from aggregator.curate.stories.sketch import STEM
from aggregator.curate.stories.told import Told

#: words a story is known by; when it has twice as many, the weakest leave
STORY_WORDS = 120
#: articles whose headlines and word order a story remembers: enough, and bounded
_REMEMBERED = 20
#: articles whose text is known again, the newest
_TEXTS = 8


class Headline(NamedTuple):
    """A headline: who printed it and when, the different beginnings of its words, the article's numbers."""

    outlet: str
    at: datetime
    starts: tuple[str, ...]
    numbers: frozenset[str]


class Text(NamedTuple):
    """The different words of an article, with blanks between, and the first article with the same text."""

    words: str
    text_id: int


@dataclass(slots=True)
class Story:
    """One story: its words, added up over its articles."""

    id: int
    first_at: datetime
    last_at: datetime
    #: word -> what it weighs, rarity not counted
    words: dict[str, float] = field(default_factory=dict)
    count: int = 0
    outlets: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    #: beginnings of words in their order, to see which stand side by side
    run: str = ""
    headlines: tuple[Headline, ...] = ()
    texts: tuple[Text, ...] = ()
    #: square of the length of the weighed words, kept up with; and how many stories there were
    #: when it was taken anew
    square: float = 0.0
    square_at: int = 0

    def add(self, told: Told, text_id: int, features: dict[str, float], doubly: Mapping[str, float]) -> None:
        """Take an article in.

        Args:
            features: its words by what they weigh, the story's own from now on.
            doubly: the same by the square of their rarity.
        """
        self.first_at, self.last_at = min(self.first_at, told.at), max(self.last_at, told.at)
        self._add_words(features, doubly)
        self.count += 1
        if told.outlet not in self.outlets:
            self.outlets = (*self.outlets, told.outlet)
        sketch = told.sketch
        self.texts = (*self.texts[1 - _TEXTS :], Text(" ".join(sketch.words), text_id))
        if self.count <= _REMEMBERED:
            self.names |= sketch.names
            title = starts(sketch.title)
            unlike = tuple(dict.fromkeys(title))
            self.headlines = (*self.headlines, Headline(told.outlet, told.at, unlike, sketch.numbers))
            self.run += f" {' '.join(title)} \n {' '.join(starts(sketch.lead))} \n"

    def stand_together(self, one: str, other: str) -> bool:
        """Tell whether two beginnings of words stand side by side in an article."""
        return f" {one} {other} " in self.run

    def _add_words(self, features: dict[str, float], doubly: Mapping[str, float]) -> None:
        if not self.words:
            # the numbers are one object each in all stories of one article
            self.words, self.square = features, sum(map(mul, features.values(), doubly.values()))
            return
        words, square = self.words, self.square
        for word, weight in features.items():
            before = words.get(word, 0.0)
            words[word] = before + weight
            # (before + weight)² - before², by the square of the rarity
            square += doubly[word] * (weight + 2.0 * before)
        self.square = square
        if len(words) > 2 * STORY_WORDS:
            self.words = dict(sorted(words.items(), key=lambda pair: -pair[1])[:STORY_WORDS])
            self.square_at = 0


def starts(words: tuple[str, ...]) -> list[str]:
    """Return the beginnings by which words meet."""
    return [word[:STEM] for word in words]
