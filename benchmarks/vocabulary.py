"""Invented words for benchmarks: pronounceable, of natural lengths, the same for one seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def vocabulary(dice: random.Random, count: int) -> list[str]:
    """Return *count* different words, the most frequent (and shortest) first."""
    words: dict[str, None] = {}
    while len(words) < count:
        syllables = dice.choice((1, 2, 2, 3, 3, 3, 4))
        word = "".join(dice.choice("bcdfghklmnprstvw") + dice.choice("aeiou") for _ in range(syllables))
        words[word + dice.choice(("", "n", "s", "t", "r"))] = None
    return sorted(words, key=lambda word: len(word) + dice.random() * 3)
