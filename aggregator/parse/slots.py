"""Handlers of elements that only get a slot of their own in feedparser's values: a name in, handlers out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: of a start tag, given the parser and its attributes; and of an end tag
Start = Callable[[Any, dict[str, str]], object]
End = Callable[[Any], object]


def construct(name: str, kind: str = "text/plain") -> tuple[Start, End]:
    """Return what keeps a text construct; of *kind* where it states none."""
    return (
        lambda parser, attrs: parser.push_content(name, attrs, kind, 1),
        lambda parser: parser.pop_content(name),
    )


def leaf(name: str) -> Start:
    """Return what keeps the text of an element, whatever attributes it has."""
    return lambda parser, _: parser.push(name, 1)


def unkept(name: str) -> tuple[Start, End]:
    """Return what passes over an element whose name is that of a slot for something else."""
    return lambda parser, _: parser.push(name, 0), lambda parser: parser.pop(name)


def ended(name: str) -> End:
    """Return what ends an element that was begun under *name*, and does nothing else with its text."""
    return lambda parser: parser.pop(name)


def collected(name: str, slot: str) -> Start:
    """Return what adds the attributes of every such element to the list in *slot*."""

    def start(parser: Any, attrs: dict[str, str]) -> None:
        parser._get_context().setdefault(slot, []).append(dict(attrs))
        parser.push(name, 0)

    return start
