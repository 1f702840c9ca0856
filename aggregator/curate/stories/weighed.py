"""An article as it is compared with stories: all that does not depend on the story, worked out once."""

from __future__ import annotations

import math
from operator import mul

from aggregator.curate.stories.features import features_of
from aggregator.curate.stories.lexicon import Lexicon
from aggregator.curate.stories.names import asked_names
from aggregator.curate.stories.told import Told
from aggregator.query.sketch import starts_of

#: stands after headline and text, and is no word
BREAK = "\n"


class Weighed:
    """An article with its words, and what they weigh now."""

    __slots__ = (
        *("told", "unlike", "words", "features", "once", "doubly", "length"),
        *("title", "headline", "starts", "run", "names"),
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
        title, lead = starts_of(told.sketch.title), starts_of(told.sketch.lead)
        self.title = frozenset(title)
        #: the different ones of the headline as a text
        self.headline = " ".join(dict.fromkeys(title))
        self.starts = [*title, BREAK, *lead]
        #: the same as one text, with a blank before and after each
        self.run = f" {' '.join(self.starts)} {BREAK} "
        #: as asked_names gives them
        self.names = asked_names(told.sketch.names)
