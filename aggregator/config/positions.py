"""A YAML document as a tree that remembers where everything stands: yamlread builds it, messages use it.

A scalar is the text that was typed, never a guess at its type: ``no``, ``12:30`` and
``2024-01-01`` stay what they are. Which text is a number is decided by the field that wants one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

#: control characters, which no text of a setting may hold
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: where a value is found: mapping keys and list indexes from the top, as pydantic writes it
KeyPath: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the file, both numbers 1-based."""

    line: int
    column: int

    def right(self, characters: int) -> Place:
        """Return the place *characters* further on the same line."""
        return Place(self.line, self.column + characters)


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One piece of text."""

    place: Place
    text: str
    #: neither quoted nor a block: an empty one or ``null`` means "nothing"
    is_plain: bool = True
    #: characters of the file before the text begins (the quote); None if the text is not as typed there
    shift: int | None = 0
    #: the text as typed where ``${…}`` was replaced, for messages; None elsewhere
    template: str | None = None

    @property
    def is_null(self) -> bool:
        return self.is_plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A sequence of nodes."""

    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys and values in file order; no key twice."""

    place: Place
    #: name -> key and value; not to be changed
    entries: dict[str, tuple[ScalarNode, Node]]


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode
#: what a node holds without its places
Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"


def plain_of(node: Node) -> Plain:
    """Return the value of *node* without places: text, None, list or dict."""
    match node:
        case ScalarNode():
            return None if node.is_null else node.text
        case SequenceNode():
            return [plain_of(item) for item in node.items]
        case MappingNode():
            return {name: plain_of(value) for name, (_, value) in node.entries.items()}


def find_node(root: Node, path: Sequence[str | int]) -> tuple[Node, bool]:
    """Return the deepest node on the way along *path*, and whether the whole path was found."""
    node = root
    for part in path:
        below = _step(node, part)
        if below is None:
            return node, False
        node = below
    return node, True


def place_of_key(root: Node, path: Sequence[str | int]) -> Place:
    """Return the place of the key that *path* ends in; of the deepest node on the way where there is none."""
    parent, is_found = find_node(root, path[:-1])
    pair = parent.entries.get(str(path[-1])) if is_found and isinstance(parent, MappingNode) else None
    return (pair[0] if pair else find_node(root, path)[0]).place


def render_path(path: Sequence[str | int]) -> str:
    """Return *path* as people read it: ``sources[3].every``, ``feeds.front-page.query``."""
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return written.removeprefix(".")


def iter_scalars(node: Node) -> Iterator[ScalarNode]:
    """Yield every scalar value below *node* in file order, keys left out."""
    match node:
        case ScalarNode():
            yield node
        case SequenceNode():
            for item in node.items:
                yield from iter_scalars(item)
        case MappingNode():
            for _, value in node.entries.values():
                yield from iter_scalars(value)


def _step(node: Node, part: str | int) -> Node | None:
    if isinstance(node, MappingNode) and isinstance(part, str):
        pair = node.entries.get(part)
        return pair[1] if pair else None
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None
