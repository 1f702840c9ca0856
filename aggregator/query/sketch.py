"""Headline and first sentences flow in, the few words by which an article is known flow out.

Words are folded and lose what every text is made of; a word also counts by its beginning, so
that "Iran" meets "Iranian" and "arrest" meets "arrested" in any language that bends its ends.
Languages written without blanks give pairs of characters. A sketch is small enough to be
stored with every article and to be read back without the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aggregator.query.stopwords import EVERYDAY_WORDS, FUNCTION_WORDS, NEWS_WORDS
from aggregator.query.text import fold, tokens

#: words of the text that count; the rest of an article tells more of its background than of its event
LEAD_WORDS = 25
#: characters of the text that are looked at
LEAD_CHARS = 500
#: the beginning by which a word meets its kin
STEM = 4
#: the beginning by which names are told apart
NAME_STEM = 6

_RUN = re.compile(r"[^\W\d_]+|[.!?:]")
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")
#: "[Daily Planet]", "LONDON (Reuters) -": who sent it and from where, not what it tells
_DATELINE = re.compile(
    r"\s*(?:\[[^\]]{1,40}\]\s*|(?:[A-Z][\w.,/ ]{1,40})?\([\w /]{2,30}\)\s*[-\u2013\u2014]+\s*)"
)
_KNOWN = FUNCTION_WORDS | NEWS_WORDS | EVERYDAY_WORDS


@dataclass(frozen=True, slots=True)
class Sketch:
    """What an article is known by. All words are folded, in order, without function words."""

    title: tuple[str, ...]
    lead: tuple[str, ...] = ()
    #: beginnings of uncommon words with a capital; empty for scripts without
    names: frozenset[str] = frozenset()
    #: numbers as written, years left out
    numbers: frozenset[str] = frozenset()


#: the sketch, as dump_sketch writes it, of an article that no story is to be told by
NOTHING = "\n\n\n"


def starts_of(words: Sequence[str]) -> list[str]:
    """Return the beginnings by which words meet."""
    return [word[:STEM] for word in words]


def sketch_of(title: str, text: str, words: tuple[list[str], list[str]] | None = None) -> Sketch:
    """Return the sketch of an article.

    Args:
        title: plain text.
        text: the first sentences, plain; more is not looked at.
        words: tokens() of title and text, from who has them already.
    """
    lead = text[:LEAD_CHARS]
    dateline = _DATELINE.match(lead)
    if dateline is not None:
        lead = lead[dateline.end() :]
    if words is None or len(lead) < len(text):
        words = (words[0] if words else tokens(title), tokens(lead))
    return Sketch(
        tuple(_telling(words[0])),
        tuple(_telling(words[1])[:LEAD_WORDS]),
        _stems([*_names(title), *_names_inside(lead)]),
        frozenset(number for number in _NUMBER.findall(f"{title} {lead}") if not _YEAR.fullmatch(number)),
    )


def dump_sketch(sketch: Sketch) -> str:
    """Return the sketch as one text of four lines."""
    parts = (sketch.title, sketch.lead, sorted(sketch.names), sorted(sketch.numbers))
    return "\n".join(" ".join(part) for part in parts)


def load_sketch(text: str) -> Sketch:
    """Read back what dump_sketch wrote."""
    title, lead, names, numbers = text.split("\n")
    return Sketch(
        tuple(title.split()), tuple(lead.split()), frozenset(names.split()), frozenset(numbers.split())
    )


def words_of(sketch: str) -> tuple[list[str], list[str]]:
    """Return the words of headline and text of what dump_sketch wrote, and nothing else of it."""
    title, lead, _ = sketch.split("\n", 2)
    return title.split(), lead.split()


def _telling(words: list[str]) -> list[str]:
    """Return the words that are no function words; of scripts without blanks every two characters are one."""
    if max(words, default="") < "\u0e00":
        return [word for word in words if len(word) > 1 and word not in FUNCTION_WORDS]
    found = []
    before = ""
    for word in words:
        is_single = len(word) == 1
        if is_single and before and word > "\u0e00":
            found.append(before + word)
        elif not is_single and word not in FUNCTION_WORDS:
            found.append(word)
        before = word if is_single and word > "\u0e00" else ""
    return found


def _names(title: str) -> list[str]:
    return [word for word in _LETTERS.findall(title) if len(word) > 2 and word[0].isupper()]


def _names_inside(text: str) -> list[str]:
    runs = _RUN.findall(text)
    return [
        run for before, run in pairwise(runs) if len(run) > 2 and run[0].isupper() and before not in ".!?:"
    ]


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset([word[:NAME_STEM] for word in map(fold, words) if word not in _KNOWN])
