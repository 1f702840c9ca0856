"""What a database can look for before our matcher judges: Query in, a small condition out.

The condition is a superset: every article that matches the query meets it, some that meet
it do not match. It speaks of title, summary and content text only, in the words of
text.tokens(), so it holds for an index that was filled with those words.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.query.nodes import And, Node, Not, Or, Prefix, Query, Words


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand in title, summary or content; the last one may go on when *is_prefix*."""

    tokens: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; at least two."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; without parts no article meets it."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The condition holds, and none of these words is anywhere in title, summary and content."""

    condition: Condition
    #: at least one
    words: tuple[str, ...]


Condition = Term | AllOf | AnyOf | Without

#: an index may keep only the beginning of longer words, which excludes too much
LONGEST_EXCLUDED = 60


def required_terms(query: Query) -> Condition | None:
    """Return a condition that every match of *query* meets; None when words cannot narrow it down."""
    return _condition(query.root)


def _condition(node: Node) -> Condition | None:
    match node:
        case Words(field=field, tokens=tokens) if field in ("", "title"):
            return Term(tokens)
        case Prefix(field=field, before=before, start=start) if field in ("", "title"):
            return Term((*before, start), is_prefix=True)
        case And(parts):
            known = tuple(part for part in map(_condition, parts) if part is not None)
            met = AllOf(known) if len(known) > 1 else known[0] if known else None
            absent = tuple(word for part in parts if (word := _excluded(part)) is not None)
            return Without(met, absent) if met is not None and absent else met
        case Or(parts):
            some = tuple(map(_condition, parts))
            if any(part is None for part in some):
                return None
            found = tuple(part for part in some if part is not None)
            return AnyOf(found) if len(found) > 1 else found[0]
    return None


def _excluded(node: Node) -> str | None:
    """Return the one word that *node* forbids wherever it may stand; None if it forbids something else."""
    match node:
        case Not(Words(field="", tokens=(word,))) if len(word) <= LONGEST_EXCLUDED:
            return word
    return None
