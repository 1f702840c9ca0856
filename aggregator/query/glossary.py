"""What names in queries stand for: rule sets, and topics whose members change as time passes.

A configuration flows in, a Glossary out; with it a query becomes one that needs no names: rule
sets are put in, and a topic that asks for the ``age:`` is judged again wherever it is named,
so that its articles leave whoever names it when they leave the topic. Labels of other topics
stay labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.errors import QueryError
from aggregator.model import Configuration
from aggregator.query.nodes import And, Label, Node, Or, Rule, replaced, uses_clock, walk
from aggregator.query.parse import parse_query


@dataclass(frozen=True, slots=True)
class Glossary:
    """The names that queries of one configuration may use; made by compile_glossary()."""

    rules: Mapping[str, Node] = field(default_factory=dict)
    #: every topic
    topics: tuple[str, ...] = ()
    #: topics that use ``age:``, themselves or through another, expanded, by slug
    fleeting: Mapping[str, Node] = field(default_factory=dict)

    def expand(self, query: Node) -> Node:
        """Return *query* with nothing left to look up.

        Raises: QueryError when a rule set is unknown or leads back to itself.
        """
        query = _with_rules(query, self.rules)
        return _expanded(query, self.topics, self.fleeting.get) if self.fleeting else query


def compile_glossary(configuration: Configuration, *, spells_out: bool = False) -> Glossary:
    """Return the names of a valid configuration.

    Args:
        spells_out: put every topic in wherever it is named, as if all might change as time passes.

    Raises: QueryError when a query cannot be read, which a checked configuration rules out.
    """
    rules = {rule.name: parse_query(rule.query) for rule in configuration.rules}
    topics = tuple(topic.slug for topic in configuration.topics)
    # most configurations have no such topic, and a thousand others need not be walked
    texts = [*(topic.query for topic in configuration.topics), *(r.query for r in configuration.rules)]
    if not spells_out and not any("age:" in text for text in texts):
        return Glossary(rules, topics)
    roots = {t.slug: _with_rules(parse_query(t.query), rules) for t in configuration.topics}
    fleeting = {slug for slug, root in roots.items() if spells_out or uses_clock(root)}
    while more := {slug for slug, root in roots.items() if slug not in fleeting and _names(root, fleeting)}:
        fleeting |= more
    done: dict[str, Node] = {}

    def find(slug: str) -> Node | None:
        if slug in fleeting and slug not in done:
            # a circle, which no valid configuration has, is cut
            done[slug] = roots[slug]
            done[slug] = _expanded(roots[slug], topics, find)
        return done.get(slug)

    for slug in sorted(fleeting):
        find(slug)
    return Glossary(rules, topics, done)


def _with_rules(node: Node, rules: Mapping[str, Node], above: tuple[str, ...] = ()) -> Node:
    """Return *node* with every ``rule:name`` replaced by what it stands for.

    Raises: QueryError when a rule set is unknown or leads back to itself.
    """

    def leaf(part: Node) -> Node:
        if not isinstance(part, Rule):
            return part
        if part.name not in rules:
            raise QueryError(f'there is no rule set "{part.name}"')
        way = (*above, part.name)
        if part.name in above:
            raise QueryError(f"the rule set {part.name} leads back to itself: {' -> '.join(way)}")
        return _with_rules(rules[part.name], rules, way)

    return replaced(node, leaf)


def named_topics(label: Label, slugs: Iterable[str]) -> list[str]:
    """Return those of *slugs* that a label names as topics, whole or by a prefix."""
    if label.field != "topic":
        return []
    if label.is_prefix:
        return [slug for slug in slugs if slug.startswith(label.value)]
    return [slug for slug in slugs if slug == label.value]


def _names(root: Node, slugs: Iterable[str]) -> bool:
    return any(isinstance(node, Label) and named_topics(node, slugs) for node in walk(root))


def _expanded(node: Node, topics: Sequence[str], find: Callable[[str], Node | None]) -> Node:
    return replaced(node, lambda leaf: _topic(leaf, topics, find) if isinstance(leaf, Label) else leaf)


def _topic(label: Label, topics: Sequence[str], find: Callable[[str], Node | None]) -> Node:
    """The label itself, unless a topic that it names is to be judged again."""
    named = [(slug, find(slug)) for slug in named_topics(label, topics)]
    if not any(root for _, root in named):
        return label
    parts = tuple(
        Label("topic", slug) if root is None else And((Label("topic", slug), root)) for slug, root in named
    )
    return parts[0] if len(parts) == 1 else Or(parts)
