"""The name that was probably meant: an unknown name and the known ones in, a hint for a message out."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: comparing is quadratic in the length; nobody mistypes a name as long as this
_LONGEST_NAME = 80


def find_nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name of *known* that looks most like *name*; None if none does."""
    if len(name) > _LONGEST_NAME:
        return None
    shapes = {_shape(each): each for each in sorted(known, reverse=True)}
    close = get_close_matches(_shape(name), shapes, n=1, cutoff=0.6)
    return shapes[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?`` as the tail of a message, empty where nothing is near."""
    nearest = find_nearest(name, known)
    return f"; did you mean {nearest}?" if nearest else ""


def _shape(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
