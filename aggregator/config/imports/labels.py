"""Other people's folder names and labels become tags; texts of lists become one clean line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]+")


def tag_of(label: str) -> str:
    """Return *label* as a tag of ours, such as "World News" as world-news; empty if nothing is left."""
    word = re.sub(r"[^\w.]+", "-", label.strip().lower()).strip("-._")
    return re.sub(r"^[\W_]+", "", word)[:60].rstrip("-.")


def tags_of(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of several labels, in order, none twice."""
    return tuple(dict.fromkeys(tag for label in labels if (tag := tag_of(label))))


def line_of(text: str | None, longest: int = 300) -> str:
    """Return *text* on one line without unprintable characters; empty for None."""
    return " ".join(printable(text or "").split())[:longest]


def printable(text: str) -> str:
    """Return *text* with a blank for what may not stand in a file of ours."""
    return _UNPRINTABLE.sub(" ", text)


def free_slug(text: str, taken: Container[str]) -> str:
    """Return a slug for *text* that is not *taken*: letters a-z, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    wanted = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-") or "feed"
    free, number = wanted, 1
    while free in taken:
        number += 1
        free = f"{wanted}-{number}"
    return free
