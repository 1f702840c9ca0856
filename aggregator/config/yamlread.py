"""YAML bytes in, a tree of nodes with their places out, with the traps of YAML closed.

Reads the event stream of the C parser instead of letting it build objects: so nothing is ever
typed, tagged, merged or expanded behind the person's back, and depth and size stay bounded
(aliases count every time they are used). Problems are collected; only text that is no YAML at
all ends the reading. Never raises for what a file contains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import yaml

from aggregator.config.positions import CONTROL, KeyPath, MappingNode, Node, Place, ScalarNode, SequenceNode
from aggregator.config.problems import Complaints

#: a configuration of ten thousand sources has about 1.5 MB
MAX_BYTES = 4_000_000
#: nodes of one document, those behind aliases counted every time
MAX_NODES = 500_000
#: sections, lists and mappings inside each other; ours need five
MAX_DEPTH = 30

#: what YAML 1.1 §5.1 does not admit, plus the byte order mark that only a first character may be
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_INDENTED = "look how the line is indented; "
#: part of what the parser says -> what was probably meant to be written
_HINTS = {
    "mapping values": f"{_INDENTED}a text with a colon and a blank in it needs quotes",
    "expected key": f"{_INDENTED}a text that begins with a quotation mark ends at the next one",
    "expected '-'": f"{_INDENTED}each entry of this list begins with a dash",
    "cannot start any token": "a text with % @ or ` before it needs quotes",
    "alphabetic or numeric character": "a text with * or & before it needs quotes",
    "unknown escape": "in double quotes a backslash begins an escape; single quotes take it as it stands",
    "expected ',' or": "either the bracket is not closed, or a text inside with [ ] { } or ' needs quotes",
    "<document start>": "a section is written as site: and not as [site]",
    "unexpected ':'": "inside brackets a text with a colon needs quotes",
}


class UnreadableError(Exception):
    """Nothing more can be read; the reason is among the complaints already."""


def read_yaml(body: bytes, complaints: Complaints) -> Node | None:
    """Return the one document of *body*; None if there is none to go on with.

    Whatever is wrong is added to *complaints*; a tree may come back all the same, so that
    later checks can name what else is wrong.
    """
    try:
        text = _decode(body, complaints)
        return _Reader(text, complaints).read()
    except UnreadableError:
        return None
    except yaml.YAMLError as error:
        _complain_of_syntax(error, text, complaints)
        return None


def _decode(body: bytes, complaints: Complaints) -> str:
    if len(body) > MAX_BYTES:
        complaints.add(Place(1, 1), f"the file is larger than {MAX_BYTES // 1_000_000} MB")
        raise UnreadableError
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8-sig", "replace")
        complaints.add(_place_after(before), "this is not UTF-8 text; save the file as UTF-8")
        raise UnreadableError from None
    if odd := _UNPRINTABLE.search(text):
        place = _place_after(text[: odd.start()])
        complaints.add(place, f"the character U+{ord(odd[0]):04X} may not stand in YAML; remove it")
        raise UnreadableError
    return text


def _place_after(text: str) -> Place:
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    return Place(len(lines), len(lines[-1]) + 1)


def _complain_of_syntax(error: yaml.YAMLError, text: str, complaints: Complaints) -> None:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or "it cannot be read"
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    if mark and text[mark.index : mark.index + 1] == "\t":
        complaints.add(place, "a tab cannot indent YAML; use spaces")
        return
    if mark and text[: mark.index + 1].endswith("${"):
        hint = "; inside { } put quotes around ${…}"
    else:
        hint = next((f"; {hint}" for said, hint in _HINTS.items() if said in reason), "")
    context = getattr(error, "context", None)
    around = f" ({context}{_begun(error, place)})" if context else ""
    complaints.add(place, f"not valid YAML: {reason}{around}{hint}")


def _begun(error: yaml.YAMLError, place: Place) -> str:
    """Return where that begins in which the parser stopped, if that is another line."""
    mark = getattr(error, "context_mark", None)
    if mark is None or mark.line + 1 == place.line:
        return ""
    return f" that begins at {mark.line + 1}:{mark.column + 1}"


@dataclass(slots=True)
class _Reader:
    """Turns events into nodes; one use."""

    text: str
    complaints: Complaints
    nodes: int = 0
    #: size in nodes of each anchored node; None while it is being read
    anchors: dict[str, tuple[Node, int] | None] = field(default_factory=dict)
    events: Iterator[yaml.Event] = field(init=False)

    def read(self) -> Node | None:
        self.events = iter(yaml.parse(self.text, Loader=yaml.CSafeLoader))
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self.complaints.add(
                        _place(event), "a second document begins here; a configuration is one"
                    )
                    return root
                root = self.node(next(self.events), ())
        return root

    def node(self, event: yaml.Event, path: KeyPath) -> Node:
        self.count(1, event, path)
        if len(path) > MAX_DEPTH:
            self.stop(event, path[:3], f"more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        assert isinstance(event, yaml.NodeEvent)
        first, anchor = self.nodes, event.anchor
        if anchor is not None:
            self.anchors[anchor] = None
        node = self.fresh(event, path)
        if anchor is not None:
            self.anchors[anchor] = (node, self.nodes - first)
        return node

    def fresh(self, event: yaml.Event, path: KeyPath) -> Node:
        if (tag := getattr(event, "tag", None)) is not None:
            hint = "; a text that begins with ! needs quotes" if tag.startswith("!") else ""
            message = f"tags such as !!python/name are not read; remove the tag{hint}"
            self.complaints.add(_place(event), message, path)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(event, path)
        return self.mapping(event, path)

    def alias(self, event: yaml.AliasEvent, path: KeyPath) -> Node:
        if event.anchor not in self.anchors:
            hint = "a text that begins with * needs quotes"
            self.stop(event, path, f"the alias *{event.anchor} names nothing above it; {hint}")
        target = self.anchors[event.anchor]
        if target is None:
            self.stop(event, path, f"the alias *{event.anchor} stands inside what it names")
        node, below = target
        self.count(below, event, path)
        return node

    def scalar(self, event: yaml.ScalarEvent, path: KeyPath) -> ScalarNode:
        place, text = _place(event), event.value
        if odd := CONTROL.search(text):
            named = f"the control character U+{ord(odd[0]):04X}"
            self.complaints.add(place, f"the text holds {named}; remove it", path)
            text = CONTROL.sub("", text)
        is_plain = bool(event.implicit[0])
        quote = 0 if is_plain else 1
        start = (event.start_mark.index if event.start_mark else 0) + quote
        is_verbatim = self.text[start : start + len(text)] == text
        return ScalarNode(place, text, is_plain, quote if is_verbatim else None)

    def sequence(self, event: yaml.SequenceStartEvent, path: KeyPath) -> SequenceNode:
        items: list[Node] = []
        while not isinstance(each := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(each, (*path, len(items))))
        return SequenceNode(_place(event), tuple(items))

    def mapping(self, event: yaml.Event, path: KeyPath) -> MappingNode:
        entries: dict[str, tuple[ScalarNode, Node]] = {}
        while not isinstance(each := next(self.events), yaml.MappingEndEvent):
            key = self.node(each, (*path, ""))
            name = key.text if isinstance(key, ScalarNode) else ""
            value = self.node(next(self.events), (*path, name))
            if not isinstance(key, ScalarNode):
                self.complaints.add(key.place, "a key must be plain text", path)
            elif name == "<<" and key.is_plain:
                self.complaints.add(key.place, "merge keys (<<) are not read; write the settings out", path)
            elif name in entries:
                line = entries[name][0].place.line
                self.complaints.add(key.place, f"this key is already on line {line}", (*path, name))
            else:
                entries[name] = (key, value)
        return MappingNode(_place(event), entries)

    def count(self, nodes: int, event: yaml.Event, path: KeyPath) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self.stop(event, path, f"more than {MAX_NODES:,} values, aliases counted every time")

    def stop(self, event: yaml.Event, path: KeyPath, message: str) -> NoReturn:
        self.complaints.add(_place(event), message, path)
        raise UnreadableError


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(0, 0)
