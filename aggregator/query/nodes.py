"""What a query is once it is read: a small frozen tree, and how it is walked, changed and written again.

A field of "" means the bare words of a query: title, summary and content text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every document: the empty query and a lone ``*``."""


@dataclass(frozen=True, slots=True)
class And:
    """All parts match."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part matches."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not match."""

    part: Node


@dataclass(frozen=True, slots=True)
class Words:
    """Whole folded words side by side in a text field: one word, or a phrase."""

    field: str
    #: never empty
    tokens: tuple[str, ...]
    #: as the person wrote it, for reasons
    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word that begins with *start*, directly after the words *before* (usually none)."""

    field: str
    before: tuple[str, ...]
    start: str
    text: str


@dataclass(frozen=True, slots=True)
class Regex:
    """A google-re2 pattern found anywhere in the plain text of the field, whatever the case."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Label:
    """An exact value of a field that holds labels: source, tag, topic, lang, has, type, site, url."""

    field: str
    #: folded as the field wants it
    value: str
    #: a trailing ``*`` stood there
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Present:
    """The field has any value at all: ``author:*``."""

    field: str


@dataclass(frozen=True, slots=True)
class Range:
    """low <= value <= high in ``words`` or ``age`` (seconds); None is open."""

    field: str
    low: float | None
    high: float | None
    include_low: bool
    include_high: bool
    text: str


@dataclass(frozen=True, slots=True)
class Period:
    """start <= published < end; None is open."""

    start: datetime | None
    end: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Picked:
    """Whether an editor picked it: ``picked:true``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule set, looked up when the query is compiled."""

    name: str


Node = Everything | And | Or | Not | Words | Prefix | Regex | Label | Present | Range | Period | Picked | Rule


def replaced(node: Node, leaf: Callable[[Node], Node]) -> Node:
    """Return *node* with *leaf* of everything in it that has no parts in its place."""
    match node:
        case And(parts):
            return And(tuple(replaced(part, leaf) for part in parts))
        case Or(parts):
            return Or(tuple(replaced(part, leaf) for part in parts))
        case Not(part):
            return Not(replaced(part, leaf))
    return leaf(node)


def uses_clock(node: Node) -> bool:
    """Tell whether its answer changes as time passes (``age:``)."""
    return any(isinstance(each, Range) and each.field == "age" for each in walk(node))


def walk(node: Node) -> list[Node]:
    """Return *node* and everything below it."""
    found = [node]
    if isinstance(node, And | Or):
        for part in node.parts:
            found += walk(part)
    elif isinstance(node, Not):
        found += walk(node.part)
    return found


def describe(node: Node) -> str:  # noqa: PLR0911 - one line per kind of node
    """Return a query text that says what *node* says, for the reasons that people read."""
    match node:
        case And(parts):
            return "(" + " ".join(describe(part) for part in parts) + ")"
        case Or(parts):
            return "(" + " OR ".join(describe(part) for part in parts) + ")"
        case Not(part):
            return "NOT " + describe(part)
        case Everything():
            return "*"
        case Words(field=field, text=text) | Prefix(field=field, text=text):
            return f"{field}:{text}" if field else text
        case Regex(field, pattern):
            written = "/" + pattern.replace("/", "\\/") + "/"
            return f"{field}:{written}" if field else written
        case Label(field, value, is_prefix):
            return f"{field}: {value}{'*' if is_prefix else ''}"
        case Present(field):
            return f"{field}: *"
        case Range(field=field, text=text):
            return f"{field}: {text}"
        case Period(text=text):
            return f"published: {text}"
        case Picked(value):
            return f"picked: {str(value).lower()}"
        case Rule(name):
            return f"rule: {name}"
