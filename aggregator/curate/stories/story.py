"""What one story is known by: its articles flow in, the little that the next is compared with stays.

Most stories have one article and are never compared, so a story keeps little: its words share
their text with all others, and what only a likely story is asked for is kept as plain text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from aggregator.curate.stories.names import remembered_names
from aggregator.curate.stories.weighed import Weighed

#: words a story is known by; when it has twice as many, the weakest leave
STORY_WORDS = 120
#: articles whose headlines, names and word order a story remembers, the first: enough, and bounded
_REMEMBERED = 8
#: articles whose text is known again, the newest
_TEXTS = 8


class Headline(NamedTuple):
    """A headline: who printed it and when, the different beginnings of its words, the article's numbers.

    Words stand in one text with blanks between, here and in a story: that takes far less memory than sets.
    """

    outlet: str
    at: datetime
    starts: str
    numbers: str


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
    #: who tells it, as long as only one does
    only_outlet: str | None = None
    #: as remembered_names gives them
    names: str = ""
    #: beginnings of words in their order, each between blanks, to see which stand side by side
    run: str = ""
    headlines: tuple[Headline, ...] = ()
    texts: tuple[Text, ...] = ()
    #: square of the length of the weighed words, kept up with; and how many stories there were
    #: when it was taken anew
    square: float = 0.0
    square_at: int = 0

    def add(self, article: Weighed, text_id: int) -> None:
        """Take an article in; its words are the story's own from now on."""
        told = article.told
        self.first_at, self.last_at = min(self.first_at, told.at), max(self.last_at, told.at)
        self._add_words(article)
        self.only_outlet = told.outlet if self.count == 0 or told.outlet == self.only_outlet else None
        self.count += 1
        self.texts = (*self.texts[1 - _TEXTS :], Text(" ".join(article.unlike), text_id))
        if self.count <= _REMEMBERED:
            self.names = " ".join(remembered_names(told.sketch.names).union(self.names.split()))
            numbers = " ".join(told.sketch.numbers)
            self.headlines = (*self.headlines, Headline(told.outlet, told.at, article.headline, numbers))
            self.run += article.run

    def _add_words(self, article: Weighed) -> None:
        features = article.features
        if not self.words:
            # the numbers are one object each in all stories of one article
            self.words, self.square = features, sum(map(mul, features.values(), article.doubly.values()))
            return
        words, square, doubly = self.words, self.square, article.doubly
        for word, weight in features.items():
            before = words.get(word, 0.0)
            words[word] = _sum(before, weight)
            # (before + weight)² - before², by the square of the rarity
            square += doubly[word] * (weight + 2.0 * before)
        self.square = square
        if len(words) > 2 * STORY_WORDS:
            self.words = dict(sorted(words.items(), key=lambda pair: -pair[1])[:STORY_WORDS])
            self.square_at = 0


@lru_cache(maxsize=4096)
def _sum(before: float, weight: float) -> float:
    """Return *before* and *weight* together: the same few sums, so that stories share the numbers."""
    return before + weight
