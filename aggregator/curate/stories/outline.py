"""A sketch flows in, what only likely stories are compared by flows out: word order, names and numbers."""

from __future__ import annotations

from aggregator.curate.stories.names import asked_names
from aggregator.query.sketch import load_sketch, starts_of

#: stands after headline and text, and is no word
BREAK = "\n"


class Outline:
    """An article by the beginnings of its words, in their order."""

    __slots__ = ("asked", "names", "numbers", "starts", "title")

    def __init__(self, sketch: str) -> None:
        drawn = load_sketch(sketch)
        title, lead = starts_of(drawn.title), starts_of(drawn.lead)
        self.names, self.numbers = drawn.names, drawn.numbers
        #: what its names look for in a story
        self.asked = asked_names(drawn.names)
        #: the different ones of the headline
        self.title = frozenset(title)
        #: those of the headline, a BREAK, and those of the text
        self.starts = [*title, BREAK, *lead]


def words_in(sketch: str) -> list[str]:
    """Return the words of headline and text."""
    return sketch.rsplit("\n", 2)[0].split()
