"""An article as it is compared with stories: all that does not depend on the story, worked out once."""

from __future__ import annotations

import math
from operator import mul

from aggregator.curate.stories.features import features_of
from aggregator.curate.stories.lexicon import Lexicon
from aggregator.curate.stories.outline import Outline
from aggregator.curate.stories.told import Told
from aggregator.query.sketch import STEM, words_of


class Weighed:
    """An article with its words, and what they weigh now."""

    __slots__ = (
        *("told", "words", "texts", "weights", "once", "doubly", "length"),
        *("_kin", "_outline"),
    )

    def __init__(self, told: Told, lexicon: Lexicon) -> None:
        self.told = told
        features = features_of(*words_of(told.sketch))
        #: what is known of the words it is compared by; whatever follows is in their order
        self.words = lexicon.look_up(features)
        #: the lexicon's own copies
        self.texts = [word.text for word in self.words]
        #: what each weighs before rarity is counted, by rarity, and by its square: what such a
        #: word of a story is multiplied with
        self.weights = list(features.values())
        rarities = lexicon.rarities(self.words)
        self.once = list(map(mul, self.weights, rarities))
        self.doubly = list(map(mul, self.once, rarities))
        #: of all words together
        self.length = math.sqrt(sum(map(mul, self.once, self.once)))
        self._kin: list[str] | None = None
        self._outline: Outline | None = None

    @property
    def kin(self) -> list[str]:
        """Its words, a longer beginning as its shorter one."""
        if self._kin is None:
            self._kin = [text[1 : 1 + STEM] if text[0] == "+" else text for text in self.texts]
        return self._kin

    @property
    def outline(self) -> Outline:
        """What a likely story alone is compared by."""
        if self._outline is None:
            self._outline = Outline(self.told.sketch)
        return self._outline
