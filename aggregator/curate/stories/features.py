"""The words of a sketch flow in, what an article is compared by flows out, rarity not counted yet."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.query.sketch import STEM

#: what a word of the headline weighs, and one of the text
TITLE, LEAD = 1.0, 0.45
#: a short word or a number; a longer word's first letters, and its longer beginning
_WHOLE, _START, _LONGER = 0.92, 0.7, 0.6
_IN_TITLE = TITLE * _WHOLE, TITLE * _START, TITLE * _LONGER
_IN_LEAD = LEAD * _WHOLE, LEAD * _START, LEAD * _LONGER
_LONG_STEM = 6


def features_of(title: Sequence[str], lead: Sequence[str]) -> dict[str, float]:
    """Return the words of an article by what they weigh before rarity is counted."""
    features: dict[str, float] = {}
    for words, (whole, start, longer) in ((lead, _IN_LEAD), (title, _IN_TITLE)):
        for word in words:
            if len(word) <= STEM or word.isdigit():
                features[word] = whole
            else:
                features[word[:STEM]] = start
                features["+" + word[:_LONG_STEM]] = longer
    return features
