"""Every word with how rare it is and which stories have it, in one place: one look-up a word and article.

Words flow in, rarity and story ids flow out. Rarity is counted over stories, not articles; it is
worked out anew only when it has changed by something.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from aggregator.curate.stories.everyday import EVERYDAY_WORDS
from aggregator.curate.stories.evidence import features_of
from aggregator.curate.stories.sketch import STEM, Sketch
from aggregator.curate.stories.vocabulary import NEWS_WORDS

#: stories remembered under one word, the newest
NEWEST = 60
#: rarity is counted among this many stories; beyond, older counts fade
_COUNTED = 40_000
#: the stories that known words are taken to have been in before the first
_PRIOR = 1500.0
#: the share of them, for news words, everyday words and the beginnings of everyday words
_NEWS_SHARE, _EVERYDAY_SHARE, _BEGINNING_SHARE = 0.02, 0.01, 0.005
#: how much of a story a word's next article in the same story counts: nearly nothing, else the
#: words of a much told story would become common; not nothing, else one huge story is all rare words
_AGAIN = 0.1
#: flattens rarity: a word seen once is not ten times the evidence of one seen twice
_POWER = 0.7
#: a word of so many stories is common; its rarity is taken anew once for as many more
_MANY = 16
#: rarity is taken anew when there are so many times more stories
_DRIFT = 1.05


@dataclass(slots=True)
class Word:
    """What is known of one word."""

    #: in how many stories it was seen, articles of one story counting a little; priors count too
    seen: float
    #: of the newest stories that have it, ids, newest last
    stories: list[int] = field(default_factory=list)
    rarity: float = 0.0
    #: the round of counting in which rarity was taken; 0: it must be taken anew
    taken_in: int = 0


class Lexicon:
    """All words of the stories told so far."""

    def __init__(self) -> None:
        self._words: dict[str, Word] = {}
        self._priors = _priors()
        #: stories counted, known words' imagined ones among them
        self.count = _PRIOR
        self._round = 1
        self._round_at = _PRIOR

    def look_up(self, features: Iterable[str]) -> list[Word]:
        """Return what is known of these words, in their order, with their present rarity."""
        words, now = self._words, self._round
        found = []
        for feature in features:
            word = words.get(feature)
            if word is None:
                word = words[feature] = Word(self._priors.get(feature, 0.0))
            if word.taken_in != now:
                self._take(word)
            found.append(word)
        return found

    def rarities(self, features: Iterable[str]) -> list[float]:
        """Return how rare these words are, in their order."""
        return [word.rarity for word in self.look_up(features)]

    def note(
        self, features: Mapping[str, float], words: Iterable[Word], known: Container[str], story_id: int
    ) -> None:
        """Count the words of an article.

        Args:
            words: as look_up() gave them for *features*.
            known: the words that its story has already.
        """
        for feature, word in zip(features, words, strict=True):
            before = word.seen
            if feature in known:
                word.seen = before + _AGAIN
                continue
            word.seen = before + 1.0
            # one more story says little of a word that many have
            if before < _MANY or int(before) % _MANY == 0:
                word.taken_in = 0
            stories = word.stories
            stories.append(story_id)
            if len(stories) >= 2 * NEWEST:
                del stories[:-NEWEST]

    def count_story(self) -> None:
        """Count one story more."""
        self.count += 1
        if self.count > _COUNTED:
            self._fade()
        if self.count > _DRIFT * self._round_at:
            self._begin_round()

    def keep_only(self, alive: Container[int]) -> None:
        """Forget every other story, and the words that only they had."""
        for word in self._words.values():
            word.stories = [story_id for story_id in word.stories if story_id in alive]
        self._words = {text: word for text, word in self._words.items() if word.stories or word.seen >= 2.0}

    def _take(self, word: Word) -> None:
        word.rarity = max(math.log((self.count + 1.0) / (word.seen + 0.5)), 0.01) ** _POWER
        word.taken_in = self._round

    def _begin_round(self) -> None:
        self._round += 1
        self._round_at = self.count

    def _fade(self) -> None:
        self.count = (self.count - _PRIOR) / 2 + _PRIOR
        for text, word in self._words.items():
            prior = self._priors.get(text, 0.0)
            word.seen = (word.seen - prior) / 2 + prior
        self._begin_round()


@cache
def _priors() -> dict[str, float]:
    """Return in how many stories known words are taken to have been before the first."""
    priors: dict[str, float] = {}
    for word in EVERYDAY_WORDS:
        for feature in features_of(Sketch((word,))):
            is_part = len(word) > STEM and len(feature) == STEM
            share = _BEGINNING_SHARE if is_part else _EVERYDAY_SHARE
            priors[feature] = max(priors.get(feature, 0.0), _PRIOR * share)
    news = (feature for word in NEWS_WORDS for feature in features_of(Sketch((word,))))
    return priors | dict.fromkeys(news, _PRIOR * _NEWS_SHARE)
