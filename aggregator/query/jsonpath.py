"""A small, exact subset of JSONPath (RFC 9535): a path and a document flow in, values flow out.

``$`` (may be left out), ``.name``, ``['name']``, ``[0]``, ``[-1]``, ``.*``, ``[*]`` and ``..name``.
No filters, no slices, no functions: what a list of articles needs, in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_STEP = re.compile(
    r"""(?P<deep>\.\.)?                    # any depth
    (?:\.?(?P<name>[^\s.\[\]'"*$]+)        # .name
     |\[\s*(?P<index>-?\d{1,9})\s*\]       # [0]
     |\[\s*'(?P<single>[^']*)'\s*\]        # ['name']
     |\[\s*"(?P<double>[^"]*)"\s*\]
     |(?P<all>\.?\*|\[\s*\*\s*\]))         # * or [*]
    """,
    re.VERBOSE,
)
_MOST_VALUES = 100_000

#: a name, an index, or None for everything; with True where any depth is meant
Step = tuple[str | int | None, bool]


@lru_cache(maxsize=1024)
def compile_path(path: str) -> tuple[Step, ...]:
    """Return the steps of a path.

    Raises:
        ValueError: the path cannot be read; one sentence.
    """
    text = path.strip()
    position = 1 if text.startswith("$") else 0
    steps: list[Step] = []
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None or match.end() == position:
            raise ValueError(f"is no path: it cannot be read from {text[position : position + 20]!r} on")
        named = match["name"] or match["single"] or match["double"]
        key: str | int | None = (
            named if named is not None else int(match["index"]) if match["index"] else None
        )
        steps.append((key, bool(match["deep"])))
        position = match.end()
    return tuple(steps)


def find_values(document: Any, path: str) -> list[Any]:
    """Return the values that *path* leads to, in document order; nulls left out."""
    values = [document]
    for key, is_deep in compile_path(path):
        starts = [each for value in values for each in _descendants(value)] if is_deep else values
        values = [found for value in starts for found in _children(value, key)][:_MOST_VALUES]
    return [value for value in values if value is not None]


def _children(value: Any, key: str | int | None) -> Iterator[Any]:
    match key:
        case None:
            yield from value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
        case str():
            if isinstance(value, dict) and key in value:
                yield value[key]
        case int():
            if isinstance(value, list) and -len(value) <= key < len(value):
                yield value[key]


def _descendants(value: Any) -> Iterator[Any]:
    waiting, seen = [value], 0
    while waiting and seen < _MOST_VALUES:
        each = waiting.pop()
        seen += 1
        if isinstance(each, dict | list):
            yield each
            waiting += reversed(list(each.values() if isinstance(each, dict) else each))
