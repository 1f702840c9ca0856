"""Durations as people read them."""

import pytest

from aggregator.schedule.words import in_words

WORDS = {
    0: "0 s",
    1: "1 s",
    59.6: "1 min",
    90: "1 min 30 s",
    2399: "40 min",
    3600: "1 h",
    5400: "1 h 30 min",
    86399: "1 d",
    86400: "1 d",
    90061: "1 d 1 h",
    86400 + 300: "1 d",
    -5: "0 s",
}


@pytest.mark.parametrize("seconds", WORDS)
def test_durations_are_told_in_their_two_largest_units(seconds):
    assert in_words(seconds) == WORDS[seconds]
