"""A story flows in, what an article is compared with flows out: its words, added up over its articles.

All of it is drawn from the sketches that the story keeps, so it may be forgotten at any time; what
is asked of likely stories alone is drawn when it is asked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from aggregator.curate.stories.features import features_of
from aggregator.curate.stories.lexicon import note_all
from aggregator.curate.stories.names import remembered_names
from aggregator.curate.stories.outline import BREAK, Outline
from aggregator.curate.stories.story import REMEMBERED, Story
from aggregator.curate.stories.weighed import Weighed
from aggregator.query.sketch import words_of

#: words a story is known by; when it has twice as many, the weakest leave
STORY_WORDS = 120


class Headline(NamedTuple):
    """A headline: who printed it and when, the different beginnings of its words, the article's numbers.

    Words stand in one text with blanks between: that takes far less memory than sets.
    """

    outlet: str
    at: datetime
    starts: str
    numbers: str


class Looks:
    """Headlines, names and word order of a story."""

    __slots__ = ("headlines", "names", "run")

    def __init__(self, story: Story) -> None:
        self.headlines: list[Headline] = []
        #: as remembered_names gives them, with blanks between
        self.names = ""
        #: beginnings of words in their order, each between blanks, to see which stand side by side
        self.run = ""
        for told in story.first:
            self.add(told.outlet, told.at, Outline(told.sketch))

    def add(self, outlet: str, at: datetime, outline: Outline) -> None:
        """Take an article in."""
        self.headlines.append(Headline(outlet, at, " ".join(outline.title), " ".join(outline.numbers)))
        self.names = " ".join(remembered_names(outline.names).union(self.names.split()))
        self.run += f" {' '.join(outline.starts)} {BREAK} "


class Portrait:
    """A story as an article is compared with it."""

    __slots__ = ("_looks", "story", "words")

    def __init__(self, story: Story, words: dict[str, float]) -> None:
        self.story = story
        #: word -> what it weighs, rarity not counted
        self.words = words
        self._looks: Looks | None = None

    @property
    def looks(self) -> Looks:
        """What only a likely story is asked for."""
        if self._looks is None:
            self._looks = Looks(self.story)
        return self._looks

    def add(self, article: Weighed) -> None:
        """Take in an article that joins, count its words, and keep what the story cannot be drawn from."""
        story, told = self.story, article.told
        self._add_words(article)
        if story.count >= REMEMBERED:
            story.words = self.words
        elif self._looks is not None:
            self._looks.add(told.outlet, told.at, article.outline)

    def _add_words(self, article: Weighed) -> None:
        story, words, square = self.story, self.words, self.story.square
        new = []
        for word, weight, doubly in zip(article.words, article.weights, article.doubly, strict=True):
            before = words.get(word.text)
            if before is None:
                new.append(word)
                words[word.text] = weight
                square += doubly * weight
            else:
                word.note_again()
                words[word.text] = before + weight
                # (before + weight)² - before², by the square of the rarity
                square += doubly * (weight + 2.0 * before)
        note_all(new, story.id)
        story.square = square
        if len(words) > 2 * STORY_WORDS:
            self.words = _strongest(words)
            story.square_at = 0


def drawn_words(story: Story) -> dict[str, float]:
    """Return the words of a story by the sketches of its first articles, added up as they came."""
    first, *others = story.first
    words = features_of(*words_of(first.sketch))
    for told in others:
        for word, weight in features_of(*words_of(told.sketch)).items():
            words[word] = words.get(word, 0.0) + weight
        if len(words) > 2 * STORY_WORDS:
            words = _strongest(words)
    return words


def _strongest(words: dict[str, float]) -> dict[str, float]:
    return dict(sorted(words.items(), key=lambda pair: -pair[1])[:STORY_WORDS])
