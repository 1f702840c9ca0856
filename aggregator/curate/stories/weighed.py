"""An article as it is compared with stories: all that does not depend on the story, worked out once."""

from __future__ import annotations

import math
from itertools import pairwise
from operator import mul

from aggregator.curate.stories.features import features_of
from aggregator.curate.stories.lexicon import Lexicon
from aggregator.curate.stories.names import asked_names
from aggregator.curate.stories.told import Told
from aggregator.query.sketch import starts_of

#: stands between headline and text, and beside no word of a story
_BREAK = "|"


class Weighed:
    """An article with its words, and what they weigh now."""

    __slots__ = (
        *("told", "unlike", "words", "features", "once", "doubly", "length"),
        *("title", "lead", "run", "pairs", "names"),
    )

    def __init__(self, told: Told, lexicon: Lexicon) -> None:
        self.told = told
        #: the different words of headline and text, as they stand there
        self.unlike = told.sketch.words
        found = features_of(told.sketch)
        #: what is known of the words it is compared by; whatever follows is in their order
        self.words = lexicon.look_up(found)
        texts = [word.text for word in self.words]
        rarities = lexicon.rarities(self.words)
        #: word -> weight before rarity is counted; the texts are the lexicon's own copies
        self.features = dict(zip(texts, found.values(), strict=True))
        #: the same by rarity, and by its square: what such a word of a story is multiplied with
        self.once = dict(zip(texts, map(mul, found.values(), rarities), strict=True))
        self.doubly = dict(zip(texts, map(mul, self.once.values(), rarities), strict=True))
        #: of all words together
        self.length = math.sqrt(sum(map(mul, self.once.values(), self.once.values())))
        #: beginnings by which words meet, as they stand in headline and text
        self.title, self.lead = starts_of(told.sketch.title), starts_of(told.sketch.lead)
        #: all of them, and each with its next
        self.run = [*self.title, _BREAK, *self.lead]
        self.pairs = list(pairwise(self.run))
        #: as asked_names gives them
        self.names = asked_names(told.sketch.names)
