"""Every word with how rare it is and which stories have it, in one place: one look-up a word and article.

Words flow in, rarity and story ids flow out. Rarity is counted over stories, not articles; it is
worked out once for all words that were seen equally often. Most words are in one story only.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache

from aggregator.curate.stories.features import features_of
from aggregator.query.sketch import STEM
from aggregator.query.stopwords import EVERYDAY_WORDS, NEWS_WORDS

#: stories remembered under one word, the newest
NEWEST = 60
#: rarity is counted among this many stories; beyond, older counts fade
_COUNTED = 40_000
#: the stories that known words are taken to have been in before the first
_PRIOR = 1500
#: the share of them, for news words, everyday words and the beginnings of everyday words
_NEWS_SHARE, _EVERYDAY_SHARE, _BEGINNING_SHARE = 0.02, 0.01, 0.005
#: words are counted in tenths of a story: one for a story that has it ...
_STORY = 10
#: ... and nearly nothing for its next article in the same story, else the words of a much told
#: story would become common; not nothing, else one huge story is all rare words
_AGAIN = 1
#: flattens rarity: a word seen once is not ten times the evidence of one seen twice
_POWER = 0.7
#: rarity is taken anew when there are so many times more stories
_DRIFT = 1.05
#: words seen more often than this are told apart in steps of so many binary digits
_FINE, _STEP = 1024, 6


class Word:
    """What is known of one word."""

    __slots__ = ("held", "seen", "text")

    def __init__(self, text: str, seen: int) -> None:
        #: the one copy of it that all keep
        self.text = text
        #: in how many stories, in tenths; articles of one story count a little, priors count too
        self.seen = seen
        #: the ids of the newest stories, newest last; a bare number where it is one, as most are
        self.held: int | list[int] | None = None

    @property
    def stories(self) -> Sequence[int]:
        """The ids of the newest stories that have it, newest last."""
        stories = self.held
        return stories if isinstance(stories, list) else () if stories is None else (stories,)

    def note_again(self) -> None:
        """Count one article more of a story that has it."""
        self.seen += _AGAIN

    def keep_only(self, alive: Container[int]) -> None:
        """Forget every other story."""
        kept = [story_id for story_id in self.stories if story_id in alive]
        self.held = kept if len(kept) > 1 else kept[0] if kept else None


class _Rarity(dict[int, float]):
    """How rare words are by how often they were seen, among so many stories."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __missing__(self, key: int) -> float:
        seen = key if key < _FINE else (key - _FINE) << _STEP
        rarity: float = max(math.log((self.count + 1.0) / (seen / _STORY + 0.5)), 0.01) ** _POWER
        self[key] = rarity
        return rarity


class Lexicon:
    """All words of the stories told so far."""

    def __init__(self) -> None:
        self._words: dict[str, Word] = {}
        self._priors = _priors()
        #: stories counted, known words' imagined ones among them
        self.count = _PRIOR
        self._rarity = _Rarity(_PRIOR)

    def look_up(self, texts: Iterable[str]) -> list[Word]:
        """Return what is known of these words, in their order."""
        known = self._words.get
        return [known(text) or self._add(text) for text in texts]

    def shared(self, words: Mapping[str, float]) -> dict[str, float]:
        """Return the same by the one copy of each word."""
        texts = [word.text for word in self.look_up(words)]
        return dict(zip(texts, words.values(), strict=True))

    def rarities(self, words: Iterable[Word]) -> list[float]:
        """Return how rare these words are, in their order."""
        rarity = self._rarity
        return [rarity[seen if (seen := word.seen) < _FINE else _FINE + (seen >> _STEP)] for word in words]

    def square(self, words: Mapping[str, float]) -> float:
        """Return the square of the length of words that weigh so much, by their rarity."""
        weighed = zip(words.values(), self.rarities(self.look_up(words)), strict=True)
        return sum([(weight * rarity) ** 2 for weight, rarity in weighed])

    def count_story(self) -> None:
        """Count one story more."""
        self.count += 1
        if self.count > _COUNTED:
            self._fade()
        elif self.count > _DRIFT * self._rarity.count:
            self._rarity = _Rarity(self.count)

    def keep_only(self, alive: Container[int]) -> None:
        """Forget every other story, and the words that only they had."""
        for word in self._words.values():
            word.keep_only(alive)
        self._words = {
            text: word for text, word in self._words.items() if word.stories or word.seen >= 2 * _STORY
        }

    def _add(self, text: str) -> Word:
        word = self._words[text] = Word(text, self._priors.get(text, 0))
        return word

    def _fade(self) -> None:
        self.count = (self.count - _PRIOR) // 2 + _PRIOR
        for text, word in self._words.items():
            prior = self._priors.get(text, 0)
            word.seen = (word.seen - prior) // 2 + prior
        self._rarity = _Rarity(self.count)


def note_all(words: Iterable[Word], story_id: int) -> None:
    """Count one story more for each of these words."""
    for word in words:
        word.seen += _STORY
        held = word.held
        if held is None:
            word.held = story_id
        elif isinstance(held, int):
            word.held = [held, story_id]
        else:
            held.append(story_id)
            if len(held) >= 2 * NEWEST:
                del held[:-NEWEST]


@cache
def _priors() -> dict[str, int]:
    """Return how often known words are taken to have been seen before the first story, in tenths."""
    priors: dict[str, int] = {}
    for word in EVERYDAY_WORDS:
        for feature in features_of((word,), ()):
            is_part = len(word) > STEM and len(feature) == STEM
            share = _BEGINNING_SHARE if is_part else _EVERYDAY_SHARE
            priors[feature] = max(priors.get(feature, 0), round(_STORY * _PRIOR * share))
    news = (feature for word in NEWS_WORDS for feature in features_of((word,), ()))
    return priors | dict.fromkeys(news, round(_STORY * _PRIOR * _NEWS_SHARE))
