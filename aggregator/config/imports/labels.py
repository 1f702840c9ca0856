"""Other people's folder names and labels become tags; texts of lists become one clean line."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


def tag_of(label: str) -> str:
    """Return *label* as a tag of ours, such as "World News" as world-news; empty if nothing is left."""
    word = re.sub(r"[^\w.]+", "-", label.strip().lower()).strip("-._")
    return re.sub(r"^[\W_]+", "", word)[:60].rstrip("-.")


def tags_of(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of several labels, in order, none twice."""
    return tuple(dict.fromkeys(tag for label in labels if (tag := tag_of(label))))


def line_of(text: str | None, longest: int = 300) -> str:
    """Return *text* on one line without unprintable characters; empty for None."""
    return " ".join(_UNPRINTABLE.sub(" ", text or "").split())[:longest]
