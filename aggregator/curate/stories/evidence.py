"""How alike an article and a story are: weighed words on both sides, a number from 0 to 1 out.

The measure is the cosine of the article's words and the story's, a word weighing more the
fewer stories have it. Against it speak: only the article's own outlet has told the story (a
paper's next item is rarely the last one again); the story has grown long already; all they
share is one name ("Donald Trump" counts hardly more than "Trump"); and headlines of one
pattern about different names, as two quakes, two cup matches or two obituaries have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from sys import intern

from aggregator.curate.stories.sketch import STEM, Sketch

#: what a word of the headline weighs, and one of the text
TITLE, LEAD = 1.0, 0.45
#: a short word or a number; a longer word's first letters, and its longer beginning
_WHOLE, _START, _LONGER = 0.92, 0.7, 0.6
_LONG_STEM = 6
#: how much of a name's second and third word is taken away
_NAME_DISCOUNT = 0.45
_NAME_WORDS = 3
#: where one name is more than this share of all that is common, how much of the rest is taken away
_LONE_NAME, _LONE_DISCOUNT = 0.5, 0.5
#: taken away where only the own outlet has told the story
OWN_OUTLET = 0.1
#: what is left where headlines follow one pattern and no name agrees
_LOOK_ALIKE = 0.2
_PATTERN = 0.4
_NAMES = 2
#: articles whose word order a story remembers: enough, and bounded
_REMEMBERED = 20
#: words a story is known by; when it has twice as many, the weakest leave
STORY_WORDS = 120
#: how much likeness more a story asks for each doubling, from this many articles on: else one
#: that has grown by many small steps draws everything to itself
_GROWN, _PER_DOUBLING = 6, 0.02


@dataclass(slots=True)
class StoryWords:
    """What a story is known by: the words of its articles, added up."""

    words: dict[str, float] = field(default_factory=dict)
    count: int = 0
    outlets: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    #: neighbouring words
    pairs: set[tuple[str, str]] = field(default_factory=set)
    #: headlines by the beginnings of their words
    titles: tuple[tuple[str, ...], ...] = ()
    #: length of the weighed words, and how many stories there were when it was taken
    norm: float = 0.0
    norm_at: float = 0.0

    def add(self, outlet: str, features: Mapping[str, float], sketch: Sketch) -> None:
        """Take an article in."""
        words = self.words
        for word, weight in features.items():
            words[word] = words.get(word, 0.0) + weight
        if len(words) > 2 * STORY_WORDS:
            kept = sorted(words.items(), key=lambda pair: -pair[1])[:STORY_WORDS]
            self.words = dict(kept)
        self.count += 1
        if outlet not in self.outlets:
            self.outlets = (*self.outlets, outlet)
        self.norm_at = 0.0
        if self.count <= _REMEMBERED:
            self.names |= sketch.names
            title = [intern(stem) for stem in starts(sketch.title)]
            self.titles = (*self.titles, tuple(title))
            self.pairs.update(pairwise(title))
            self.pairs.update(pairwise([intern(stem) for stem in starts(sketch.lead)]))


def features_of(sketch: Sketch) -> dict[str, float]:
    """Return the words of an article by what they weigh before rarity is counted."""
    # the same few thousand words come again and again: each is kept once
    features: dict[str, float] = {}
    for words, weight in ((sketch.lead, LEAD), (sketch.title, TITLE)):
        for word in words:
            if len(word) <= STEM or word.isdigit():
                features[word] = weight * _WHOLE
            else:
                features[intern(word[:STEM])] = weight * _START
                features[intern("+" + word[:_LONG_STEM])] = weight * _LONGER
    return features


def starts(words: Sequence[str]) -> list[str]:
    """Return the beginnings by which words meet."""
    return [word[:STEM] for word in words]


def judge(
    similarity: float, outlet: str, sketch: Sketch, common: Mapping[str, float], story: StoryWords
) -> float:
    """Return what is left of *similarity* after all that speaks against it.

    Args:
        common: the words of both, by the product of what they weigh here and there; not empty.
    """
    if story.outlets == (outlet,):
        similarity -= OWN_OUTLET
    if story.count > _GROWN:
        similarity -= _PER_DOUBLING * math.log2(story.count / _GROWN)
    if _is_look_alike(sketch, story):
        similarity *= _LOOK_ALIKE
    return similarity * (1 - _name_share(sketch, common, story))


def _is_look_alike(sketch: Sketch, story: StoryWords) -> bool:
    """Tell whether a headline follows the pattern of the story's, about other names."""
    if len(sketch.names) < _NAMES or len(story.names) < _NAMES or sketch.names & story.names:
        return False
    title = frozenset(starts(sketch.title))
    return any(
        len(title.intersection(other)) >= _PATTERN * max(1, min(len(title), len(set(other))))
        for other in story.titles
    )


def _name_share(sketch: Sketch, common: Mapping[str, float], story: StoryWords) -> float:
    """Return which share of the common words is the rest of a name that was counted already."""
    runs = list(_runs(sketch, story))
    whole = sum(common.values()) if runs else 0.0
    if not whole:
        return 0.0
    twice = 0.0
    seen: set[str] = set()
    for run in runs:
        weights = sorted((_weight(word, common) for word in run if word[:STEM] not in seen), reverse=True)
        twice += sum(weights[1:])
        seen.update(word[:STEM] for word in run)
    lone = max(sum(_weight(word, common) for word in run) for run in runs)
    return _NAME_DISCOUNT * twice / whole + _LONE_DISCOUNT * max(0.0, lone / whole - _LONE_NAME)


def _weight(word: str, common: Mapping[str, float]) -> float:
    return common.get(word[:STEM], 0.0) + common.get("+" + word[:_LONG_STEM], 0.0)


def _runs(sketch: Sketch, story: StoryWords) -> Iterator[Sequence[str]]:
    """Yield two or three words that stand side by side here and in the story: mostly names.

    Longer ones are the same sentence, which is evidence, not a name.
    """
    pairs = story.pairs
    for words in (sketch.title, sketch.lead):
        stems = starts(words)
        if pairs.isdisjoint(pairwise(stems)):
            continue
        first = 0
        while first < len(words):
            last = first
            while last + 1 < len(words) and (stems[last], stems[last + 1]) in pairs:
                last += 1
            if 1 <= last - first < _NAME_WORDS:
                yield words[first : last + 1]
            first = last + 1
