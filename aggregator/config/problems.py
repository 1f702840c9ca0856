"""What is wrong with a file, collected while it is read: places and paths in, Problems in file order out.

Also turns what pydantic found into our sentences. Values that came out of ``${…}`` are shown
as they were typed, so no message holds a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic_core import ErrorDetails

from aggregator.config.names import did_you_mean
from aggregator.config.positions import (
    KeyPath,
    MappingNode,
    Node,
    Place,
    ScalarNode,
    find_node,
    iter_scalars,
    place_of_key,
    render_path,
)
from aggregator.errors import Problem

#: more than this nobody reads; the last line says how many were left out
_MOST_PROBLEMS = 200
#: what to do with a text that stands in the place of a whole entry
_TEXT_HINTS = {"sources": "; write `url:` before it", "feeds": "; write it on the next line, behind `query:`"}
#: sections whose entries have a name of their own
_NAMED = frozenset({"feeds", "topics", "rules", "newsletters", "webhooks"})
#: sections in whose place an address or a token may stand that nobody else is to know
_SECRET = frozenset({"mail", "web", "webhooks"})
#: keys of other programs and of people's memory -> ours, where a section has it
_MEANT = {
    **dict.fromkeys(("title", "label"), "name"),
    **dict.fromkeys(("link", "href", "feed", "feed_url", "xmlUrl", "rss"), "url"),
    **dict.fromkeys(("interval", "refresh", "schedule"), "every"),
    **dict.fromkeys(("filter", "search"), "query"),
    **dict.fromkeys(("max", "max_items", "count"), "limit"),
    **dict.fromkeys(("category", "categories", "folder"), "tags"),
    **dict.fromkeys(("dedupe", "deduplicate"), "duplicates"),
    "sort": "order",
}
#: what pydantic calls a mistake -> what we do
_SAID = {"missing": "is required and missing", "too_long": "too many entries"}
#: nor is more than this looked into: finding the nearest name takes its time
_MOST_ERRORS = 1000


@dataclass(slots=True)
class Complaints:
    """The problems of one file so far."""

    file: str
    #: the values that are complained of, once they were read
    root: Node = field(default_factory=lambda: MappingNode(Place(0, 0), {}))
    found: list[Problem] = field(default_factory=list)
    #: how many more there are, not looked into
    left_out: int = 0

    def add(self, place: Place, message: str, path: KeyPath = ()) -> None:
        """Note one problem."""
        written = one_line(render_path(path))
        self.found.append(Problem(self.file, place.line, place.column, written, one_line(message)))

    def at(self, path: KeyPath, message: str) -> None:
        """Note one problem of the value at *path*; what came out of ``${…}`` is shown as it was typed."""
        node, _ = find_node(self.root, path)
        self.add(node.place, _typed(message, node) if path else message, path)

    def in_query(self, path: KeyPath, message: str, position: int | None) -> None:
        """Note one problem of the query at *path*; one that came out of ``${…}`` is not quoted.

        Args:
            position: of the character that is wrong; None: of the query as a whole.
        """
        node, _ = find_node(self.root, path)
        if isinstance(node, ScalarNode) and node.template is not None:
            message = "as ${…} makes it, this query cannot be read or names what is not there"
        self.add(place_inside(node, position), message, path)

    def line_of(self, path: KeyPath) -> int:
        """Return the line of the value at *path*."""
        return find_node(self.root, path)[0].place.line

    def in_order(self) -> tuple[Problem, ...]:
        """Return all problems in file order, none twice, at most two hundred and a count of the rest."""
        unique = sorted(set(self.found), key=lambda each: (each.line, each.column, each.path, each.message))
        rest = len(unique) - _MOST_PROBLEMS + self.left_out
        if len(unique) > _MOST_PROBLEMS:
            last = unique[_MOST_PROBLEMS]
            more = Problem(self.file, last.line, last.column, "", f"and {rest} more problems from here on")
            return (*unique[:_MOST_PROBLEMS], more)
        return tuple(unique)


def one_line(text: str) -> str:
    """Keep a message on one line whatever the file holds, so that no log line can be forged."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def add_schema_errors(
    errors: Sequence[ErrorDetails], complaints: Complaints, keys_at: Callable[[KeyPath], Sequence[str]]
) -> None:
    """Add what pydantic found in the values, except where a path has its problem already.

    Args:
        keys_at: the keys that the section at a path may have.
    """
    known = {each.path for each in complaints.found if each.path}
    complaints.left_out += max(0, len(errors) - _MOST_ERRORS)
    for error in errors[:_MOST_ERRORS]:
        path = tuple(error["loc"])
        if render_path(path) in known:
            continue
        is_key = path[-1:] == ("[key]",)
        path = path[:-1] if is_key else path
        if is_key or error["type"] == "extra_forbidden":
            complaints.add(place_of_key(complaints.root, path), _sentence(error, path, keys_at), path)
        else:
            complaints.at(path, _sentence(error, path, keys_at))


def _sentence(error: ErrorDetails, path: KeyPath, keys_at: Callable[[KeyPath], Sequence[str]]) -> str:
    match error["type"]:
        case "extra_forbidden":
            known, meant = keys_at(path[:-1]), _MEANT.get(str(path[-1]))
            hint = f"; write {meant}" if meant in known else did_you_mean(str(path[-1]), known)
            return f"unknown key{hint}"
        case "missing" | "too_long":
            return _SAID[error["type"]]
        case "model_type" | "dict_type" | "model_attributes_type":
            hint = _text_hint(error["input"], path, keys_at) if isinstance(error["input"], str) else ""
            if isinstance(error["input"], list) and path and path[-1] in _NAMED:
                hint = "; begin each entry with a name and a colon, not with a dash"
            is_secret = isinstance(error["input"], str) and path[:1] and path[0] in _SECRET
            found = "a text" if is_secret else describe(error["input"])
            return f"expected a section of keys, found {found}{hint}"
        case "list_type" | "tuple_type":
            hint = "; write [ ] around it" if isinstance(error["input"], str) else ""
            if isinstance(error["input"], dict):
                is_dashed = any(str(key).startswith("-") for key in error["input"])
                hint = "; put a blank behind the dash" if is_dashed else "; begin each entry with a dash"
            return f"expected a list, found {describe(error['input'])}{hint}"
        case "literal_error":
            return _choice(error["input"], re.findall(r"'([^']*)'", error["ctx"]["expected"]))
        case _:
            return str(error.get("ctx", {}).get("error", error["msg"]))


def _choice(value: object, names: Sequence[str]) -> str:
    if not isinstance(value, str):
        return f"expected text, found {describe(value)}"
    hint = did_you_mean(value, names) or f"; write {' or '.join(names)}"
    return f"{describe(value)} is not known here{hint}"


def _text_hint(text: str, path: KeyPath, keys_at: Callable[[KeyPath], Sequence[str]]) -> str:
    """Return the tail of a message about a text where keys are expected."""
    if not path:
        return "; `aggregator import` turns the lists of other programs into such a file"
    key, colon, _ = text.partition(":")
    if colon and key in keys_at(path):
        return f"; put a blank behind `{key}:`"
    return _TEXT_HINTS.get(str(path[0]), "") if len(path) == 2 else ""


def _typed(message: str, node: Node) -> str:
    replaced = [each for each in iter_scalars(node) if each.template is not None]
    for each in sorted(replaced, key=lambda scalar: -len(scalar.text)):
        if each.text:
            message = message.replace(each.text, str(each.template))
    return message


def describe(value: object) -> str:
    """Return *value* as a few words of a message; what stands before an @ may be a password."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a section of keys"
        case list():
            return "a list"
        case str():
            text = re.sub(r"//[^/]*@", "//…@", value)
            return f"{text[:57]!r}…" if len(text) > 60 else repr(text)
        case _:
            return repr(value)


def place_inside(node: Node, position: int | None) -> Place:
    """Return the place of the character at *position* of the text of *node*.

    The beginning of the node where the text is not as typed there (escapes, folded lines,
    ``${…}``) or *position* is None.
    """
    if (
        position is None
        or not isinstance(node, ScalarNode)
        or node.shift is None
        or node.template is not None
    ):
        return node.place
    return node.place.right(node.shift + position)
