"""How alike an article and a story are: weighed words on both sides, a number from 0 to 1 out.

The measure is the cosine of the article's words and the story's, a word weighing more the
fewer stories have it. Against it speak: only the article's own outlet has told the story (a
paper's next item is rarely the last one again); the story has grown long already; all they
share is one name ("Donald Trump" counts little more than "Trump") or but a word or two;
headlines of one pattern about different names, as two quakes, two cup matches or two obituaries
have; and an outlet that words a headline as it did one before, about other things.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.curate.stories.sketch import NAME_STEM, STEM, Sketch
from aggregator.curate.stories.story import Story, starts

#: what an article and a story must have in common to be about the same event
SAME = 0.24
#: and to be worth mentioning beside it
RELATED = 0.12
#: the same text: shared words among all words, and how many a text must have to be judged
SAME_TEXT = 0.6
SAME_TEXT_WORDS = 6
#: what a word of the headline weighs, and one of the text
TITLE, LEAD = 1.0, 0.45
#: a short word or a number; a longer word's first letters, and its longer beginning
_WHOLE, _START, _LONGER = 0.92, 0.7, 0.6
_IN_TITLE = TITLE * _WHOLE, TITLE * _START, TITLE * _LONGER
_IN_LEAD = LEAD * _WHOLE, LEAD * _START, LEAD * _LONGER
_LONG_STEM = 6
#: how much of a name's second and third word is taken away
_NAME_DISCOUNT = 0.3
_NAME_WORDS = 3
#: how much is taken away where all they share is one word; half of it where it is two
_ONE_WORD = 0.5
#: taken away where all they share is one name and at most so many words beside it
_LONE_NAME, _BESIDE = 0.2, 1
#: taken away where only the own outlet has told the story
OWN_OUTLET = 0.08
#: what is left where headlines follow one pattern and no name agrees
_LOOK_ALIKE = 0.2
_PATTERN = 0.4
_SAME_PATTERN = 0.5
#: taken away where the same outlet words two headlines alike and each has words of its own
_SAME_WORDING, _NEXT_OF_A_KIND = 0.6, 0.15
#: what an outlet prints so much later may be the next of a kind
_NEXT_DAY = timedelta(hours=16)
#: how much likeness more a story asks for each doubling, from this many articles on: else one
#: that has grown by many small steps draws everything to itself
_GROWN, _PER_DOUBLING = 6, 0.02


def features_of(sketch: Sketch) -> dict[str, float]:
    """Return the words of an article by what they weigh before rarity is counted."""
    features: dict[str, float] = {}
    for words, whole, start, longer in ((sketch.lead, *_IN_LEAD), (sketch.title, *_IN_TITLE)):
        for word in words:
            if len(word) <= STEM or word.isdigit():
                features[word] = whole
            else:
                features[word[:STEM]] = start
                features["+" + word[:_LONG_STEM]] = longer
    return features


def overlap(one: frozenset[str], other: Sequence[str]) -> float:
    """Return the share of words in common among all; *other* has none twice."""
    common = len(one.intersection(other))
    return common / max(1, len(one) + len(other) - common)


def judge(
    similarity: float,
    outlet: str,
    at: datetime,
    sketch: Sketch,
    weighed: Mapping[str, float],
    story: Story,
) -> float:
    """Return what is left of *similarity* after all that speaks against it."""
    if story.outlets == (outlet,):
        similarity -= OWN_OUTLET
    if story.count > _GROWN:
        similarity -= _PER_DOUBLING * math.log2(story.count / _GROWN)
    title = frozenset(starts(sketch.title))
    if _is_look_alike(sketch, title, story) or _recurs(sketch, title, outlet, at, story):
        similarity *= _LOOK_ALIKE
    elif _is_next_of_a_kind(sketch, title, outlet, story):
        similarity -= _NEXT_OF_A_KIND
    common = _common(weighed, story)
    return similarity * (1 - _ONE_WORD / _breadth(common)) * (1 - _name_share(sketch, common, story))


def _is_look_alike(sketch: Sketch, title: frozenset[str], story: Story) -> bool:
    """Tell whether a headline follows the pattern of the story's, about other names."""
    if not sketch.names or not story.names or _agree(sketch.names, story.names):
        return False
    return any(_share(title, one.starts) >= _PATTERN for one in story.headlines)


def _agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether a name stands in both; "China" and "Chinese" are one, "Marina" and "Maritz" are two."""
    if one & other:
        return True
    short = {name[:STEM] for name in other if len(name) < NAME_STEM}
    long = {name[:STEM] for name in other}
    return any(name[:STEM] in (long if len(name) < NAME_STEM else short) for name in one)


def _recurs(sketch: Sketch, title: frozenset[str], outlet: str, at: datetime, story: Story) -> bool:
    """Tell whether the outlet prints it day after day, with other numbers: weather, markets, a part 2."""
    return any(
        one.outlet == outlet
        and abs(at - one.at) >= _NEXT_DAY
        and not sketch.numbers & one.numbers
        and bool(sketch.numbers or one.numbers)
        and _share(title, one.starts) >= _SAME_PATTERN
        for one in story.headlines
    )


def _share(one: frozenset[str], other: Sequence[str]) -> float:
    return len(one.intersection(other)) / max(1, min(len(one), len(other)))


def _is_next_of_a_kind(sketch: Sketch, title: frozenset[str], outlet: str, story: Story) -> bool:
    """Tell whether the outlet words it as a headline before, about other things: a series, a column."""
    here = frozenset(starts(sketch.words))
    for one in story.headlines:
        if one.outlet == outlet and _share_of_longer(title, one.starts) >= _SAME_WORDING:
            own = any(word not in story.words for word in title.difference(one.starts) if not word.isdigit())
            if own and any(word not in here and not word.isdigit() for word in one.starts):
                return True
    return False


def _share_of_longer(one: frozenset[str], other: Sequence[str]) -> float:
    return len(one.intersection(other)) / max(1, len(one), len(other))


def _common(weighed: Mapping[str, float], story: Story) -> dict[str, float]:
    """Return what each word in common adds to the likeness, a word's longer beginning with its shorter."""
    common: dict[str, float] = {}
    for word, weight in weighed.items():
        if word in story.words:
            start = word[1 : 1 + STEM] if word.startswith("+") else word
            common[start] = common.get(start, 0.0) + weight * story.words[word]
    return common


def _breadth(common: Mapping[str, float]) -> float:
    """Return on how many words the likeness rests: one where one outweighs all others."""
    squares = sum(weight * weight for weight in common.values())
    return sum(common.values()) ** 2 / squares if squares else 1.0


def _name_share(sketch: Sketch, common: Mapping[str, float], story: Story) -> float:
    """Return which share of the likeness is one name over again, or nothing but one name."""
    whole = sum(common.values())
    if not whole:
        return 0.0
    twice = 0.0
    seen: set[str] = set()
    longest = 0
    for run in _runs(sketch, story):
        weights = sorted((common.get(word, 0.0) for word in run if word not in seen), reverse=True)
        twice += sum(weights[1:])
        longest = max(longest, len(run))
        seen.update(run)
    is_lone = longest and len(common) <= longest + _BESIDE
    return _NAME_DISCOUNT * twice / whole + (_LONE_NAME if is_lone else 0.0)


def _runs(sketch: Sketch, story: Story) -> Iterator[Sequence[str]]:
    """Yield two or three words that stand side by side here and in the story: mostly names.

    Longer ones are the same sentence, which is evidence, not a name.
    """
    for words in (sketch.title, sketch.lead):
        stems = starts(words)
        first = 0
        while first < len(words):
            last = first
            while last + 1 < len(words) and story.stand_together(*stems[last : last + 2]):
                last += 1
            if 1 <= last - first < _NAME_WORDS:
                yield stems[first : last + 1]
            first = last + 1
