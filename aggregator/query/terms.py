"""What a database can look for before our matcher judges: a tree of nodes in, a smaller one of words out.

It is a superset: every article that matches the query meets it, some that meet it do not match. It is
made of Words and Prefix, And and Or, and asks for their words anywhere in title, summary and content,
whatever their field and order; an And may also hold the Not of single words, behind something else. The
words are those of text.tokens(), so it holds for an index that was filled with those.
"""

from __future__ import annotations

from aggregator.query.nodes import And, Node, Not, Or, Prefix, Words

#: an index may keep only the beginning of longer words, which excludes too much
LONGEST_EXCLUDED = 60


def required_terms(node: Node) -> Node | None:
    """Return what every match of *node* meets; None when words cannot narrow it down."""
    match node:
        case Words(field="" | "title") | Prefix(field="" | "title"):
            return node
        case And(parts):
            known = tuple(part for part in map(required_terms, parts) if part is not None)
            absent = tuple(part for part in parts if _is_excluding(part))
            return And((*known, *absent)) if len(known) > 1 or (known and absent) else next(iter(known), None)
        case Or(parts):
            some = tuple(part for part in map(required_terms, parts) if part is not None)
            return Or(some) if len(some) == len(parts) else None
    return None


def _is_excluding(node: Node) -> bool:
    """Tell whether *node* forbids one word wherever it may stand."""
    match node:
        case Not(Words(field="", tokens=(word,))):
            return len(word) <= LONGEST_EXCLUDED
    return False
