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
import re
from collections.abc import Collection, Container, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from operator import mul

from aggregator.curate.stories.outline import Outline
from aggregator.curate.stories.portrait import Headline, Looks, Portrait
from aggregator.curate.stories.weighed import Weighed

#: what an article and a story must have in common to be about the same event
SAME = 0.24
#: and to be worth mentioning beside it
RELATED = 0.12
#: the same text: shared words among all words, and how many a text must have to be judged
SAME_TEXT = 0.6
SAME_TEXT_WORDS = 6
#: how much of a name's second and third word is taken away
_NAME_DISCOUNT = 0.3
#: one or two pairs of words side by side and no more: two or three words
_NAME_RUN = re.compile(rb"(?<!\x01)\x01{1,2}(?!\x01)")
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


def overlap(one: frozenset[str], other: Collection[str]) -> float:
    """Return the share of words in common among all; *other* has none twice."""
    common = len(one.intersection(other))
    return common / max(1, len(one) + len(other) - common)


def judge(similarity: float, article: Weighed, portrait: Portrait, theirs: Sequence[float]) -> float:
    """Return what is left of *similarity* after all that speaks against it; below RELATED, at most so much.

    Args:
        theirs: what each word of the article weighs in the story, 0 where it is not there.
    """
    story, outlet = portrait.story, article.told.outlet
    if story.only_outlet == outlet:
        similarity -= OWN_OUTLET
    if story.count > _GROWN:
        similarity -= _PER_DOUBLING * math.log2(story.count / _GROWN)
    if similarity < RELATED:
        return similarity
    outline, looks = article.outline, portrait.looks
    own = [one for one in looks.headlines if one.outlet == outlet]
    if _is_look_alike(outline, looks) or _recurs(outline, article.told.at, own):
        similarity *= _LOOK_ALIKE
    elif _is_next_of_a_kind(outline, own, portrait.words):
        similarity -= _NEXT_OF_A_KIND
    if similarity < RELATED:
        return similarity
    common = _common(article, theirs)
    similarity *= 1 - _ONE_WORD / _breadth(common)
    if similarity < RELATED:
        return similarity
    return similarity * (1 - _name_share(outline.starts, common, looks.run))


def _is_look_alike(outline: Outline, looks: Looks) -> bool:
    """Tell whether a headline follows the pattern of the story's, about other names."""
    asked, title = outline.asked, outline.title
    if not asked or not looks.names or not asked.isdisjoint(looks.names.split()):
        return False
    return any(_share(title, one.starts.split()) >= _PATTERN for one in looks.headlines)


def _recurs(outline: Outline, at: datetime, own: Sequence[Headline]) -> bool:
    """Tell whether the outlet prints it day after day, with other numbers: weather, markets, a part 2."""
    numbers = outline.numbers
    return any(
        abs(at - one.at) >= _NEXT_DAY
        and numbers.isdisjoint(one.numbers.split())
        and bool(numbers or one.numbers)
        and _share(outline.title, one.starts.split()) >= _SAME_PATTERN
        for one in own
    )


def _share(one: frozenset[str], other: Sequence[str]) -> float:
    return len(one.intersection(other)) / max(1, min(len(one), len(other)))


def _is_next_of_a_kind(outline: Outline, own: Sequence[Headline], told: Container[str]) -> bool:
    """Tell whether the outlet words it as a headline before, about other things: a series, a column."""
    title = outline.title
    for one in own:
        starts = one.starts.split()
        if _share_of_longer(title, starts) >= _SAME_WORDING:
            new = any(word not in told for word in title.difference(starts) if not word.isdigit())
            if new and any(word not in outline.starts and not word.isdigit() for word in starts):
                return True
    return False


def _share_of_longer(one: frozenset[str], other: Sequence[str]) -> float:
    return len(one.intersection(other)) / max(1, len(one), len(other))


def _common(article: Weighed, theirs: Sequence[float]) -> dict[str, float]:
    """Return what each word in common adds to the likeness, a word's longer beginning with its shorter."""
    common: dict[str, float] = {}
    added = common.get
    for start, here, there in zip(article.kin, article.once, theirs, strict=True):
        if there:
            common[start] = added(start, 0.0) + here * there
    return common


def _breadth(common: dict[str, float]) -> float:
    """Return on how many words the likeness rests: one where one outweighs all others."""
    squares = sum(map(mul, common.values(), common.values()))
    return sum(common.values()) ** 2 / squares if squares else 1.0


def _name_share(starts: Sequence[str], common: Mapping[str, float], run: str) -> float:
    """Return which share of the likeness is one name over again, or nothing but one name.

    Two or three words that stand side by side here and in the story are mostly a name; more are
    the same sentence, which is evidence.
    """
    together = bytes(
        [one in common and other in common and f" {one} {other} " in run for one, other in pairwise(starts)]
    )
    twice, longest = 0.0, 0
    seen: set[str] = set()
    for found in _NAME_RUN.finditer(together):
        name = starts[found.start() : found.end() + 1]
        weights = [common.get(word, 0.0) for word in name if word not in seen]
        twice += sum(weights) - max(weights, default=0.0)
        longest = max(longest, len(name))
        seen.update(name)
    is_lone = longest and len(common) <= longest + _BESIDE
    return _NAME_DISCOUNT * twice / sum(common.values()) + (_LONE_NAME if is_lone else 0.0)
