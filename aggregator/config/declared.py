"""What the file declares, read leniently: so that names are compared even while other things are wrong.

The node tree goes in, the few texts that other settings refer to come out. Whatever is of the
wrong type is left out here; the schema complains of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.config.positions import KeyPath, MappingNode, Node, ScalarNode, SequenceNode
from aggregator.config.sources import ADDRESSES


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """The names of one source; a None is missing or of the wrong type."""

    path: KeyPath
    #: the address, whichever key it stands under
    url: ScalarNode | None
    #: that key
    key: str
    name: ScalarNode | None
    id: ScalarNode | None
    every: ScalarNode | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeclaredQuery:
    """One query of a topic, a feed, a rule set or a rewrite rule."""

    kind: str
    #: empty for rewrite rules
    slug: str
    path: KeyPath
    node: ScalarNode


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything in a file that names something or is named."""

    sources: tuple[DeclaredSource, ...]
    topics: tuple[str, ...]
    #: names of rule sets
    rules: tuple[str, ...]
    queries: tuple[DeclaredQuery, ...]
    every: ScalarNode | None
    admissions: tuple[str, ...]


def read_declared(root: Node) -> Declared:
    """Return what the file declares, in file order."""
    defaults = _at(root, "defaults")
    tags = _texts(_at(defaults, "tags"))
    listed = _at(root, "sources")
    items = listed.items if isinstance(listed, SequenceNode) else ()
    topics, feeds, rules = _at(root, "topics"), _at(root, "feeds"), _at(root, "rules")
    return Declared(
        sources=tuple(_source(item, ("sources", index), tags) for index, item in enumerate(items)),
        topics=tuple(topics.entries) if isinstance(topics, MappingNode) else (),
        rules=tuple(rules.entries) if isinstance(rules, MappingNode) else (),
        queries=(
            *(
                query
                for kind, part in (("topics", topics), ("feeds", feeds), ("rules", rules))
                for query in _queries(kind, part)
            ),
            *_rewrites(_at(root, "rewrites"), items),
        ),
        every=_scalar(_at(defaults, "every")),
        admissions=_texts(_at(_at(root, "fetch"), "allow_private")),
    )


def _source(node: Node, path: KeyPath, default_tags: tuple[str, ...]) -> DeclaredSource:
    listed = _at(node, "tags")
    key = next((key for key in ADDRESSES if _at(node, key) is not None), "url")
    return DeclaredSource(
        path=path,
        url=_scalar(_at(node, key)),
        key=key,
        name=_scalar(_at(node, "name")),
        id=_scalar(_at(node, "id")),
        every=_scalar(_at(node, "every")),
        tags=_texts(listed) if listed is not None else default_tags,
    )


def _queries(kind: str, section: Node | None) -> list[DeclaredQuery]:
    found = []
    for slug, (_, value) in section.entries.items() if isinstance(section, MappingNode) else ():
        if kind != "feeds" and isinstance(value, ScalarNode) and not value.is_null:
            found.append(DeclaredQuery(kind, slug, (kind, slug), value))
        elif (query := _scalar(_at(value, "query"))) is not None:
            found.append(DeclaredQuery(kind, slug, (kind, slug, "query"), query))
        if (lead := _scalar(_at(value, "lead"))) is not None:
            found.append(DeclaredQuery(kind, slug, (kind, slug, "lead"), lead))
    return found


def _rewrites(listed: Node | None, sources: Sequence[Node]) -> list[DeclaredQuery]:
    rules: list[tuple[KeyPath, Node | None]] = [
        (("sources", index, "rewrite"), _at(source, "rewrite")) for index, source in enumerate(sources)
    ]
    for index, item in enumerate(listed.items if isinstance(listed, SequenceNode) else ()):
        rules.append((("rewrites", index), item))
    return [
        DeclaredQuery("rewrites", "", (*path, "query"), query)
        for path, rule in rules
        if (query := _scalar(_at(rule, "query"))) is not None
    ]


def _at(node: Node | None, name: str) -> Node | None:
    pair = node.entries.get(name) if isinstance(node, MappingNode) else None
    return pair[1] if pair else None


def _scalar(node: Node | None) -> ScalarNode | None:
    return node if isinstance(node, ScalarNode) and not node.is_null else None


def _texts(node: Node | None) -> tuple[str, ...]:
    items = node.items if isinstance(node, SequenceNode) else ()
    return tuple(item.text.strip() for item in items if isinstance(item, ScalarNode) and not item.is_null)
