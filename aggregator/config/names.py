"""Names that people write: which was probably meant, and which leads to a page of its own."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from urllib.parse import urlsplit

from aggregator.query.fields import source_key

#: comparing is quadratic in the length; nobody mistypes a name as long as this
_LONGEST_NAME = 80


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?`` as the tail of a message, X of *known*; empty where nothing is near."""
    if len(name) > _LONGEST_NAME:
        return ""
    shapes = {_shape(each): each for each in sorted(known, reverse=True)}
    close = get_close_matches(_shape(name), shapes, n=1, cutoff=0.6)
    return f"; did you mean {shapes[close[0]]}?" if close else ""


def title_of(slug: str) -> str:
    """Return the title that a slug stands for: ``front-page`` is "Front page"."""
    return slug.replace("-", " ").capitalize()


def free_name(name: str, url: str, taken: dict[str, int]) -> str:
    """Return the name of a source, with its host and a number where others have it, and take it.

    Args:
        taken: the keys (query.fields.source_key) of the names before, each with the last number that
            was put behind it, else 1; gets this one's.

    Returns: empty for a name that no query could call.
    """
    if not source_key(name):
        return ""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    wanted = name if source_key(name) not in taken else f"{name} ({host})"
    free, number = wanted, taken.get(source_key(wanted), 1)
    while source_key(free) in taken:
        number += 1
        free = f"{wanted} {number}"
    taken[source_key(wanted)] = number
    taken.setdefault(source_key(free), 1)
    return free


def _shape(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
