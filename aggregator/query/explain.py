"""Why a query matches a document or not, part by part: expanded query and document in, a tree out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.query.document import Document
from aggregator.query.match import compile_query
from aggregator.query.nodes import And, Node, Not, Or, Query, describe


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a query and what became of it."""

    #: the part as query text
    text: str
    is_met: bool
    #: where it was found; empty if it was not
    reason: str = ""
    #: "all", "any", "not", or "" for a part that has no parts
    kind: str = ""
    parts: tuple[Part, ...] = ()

    def decisive(self) -> tuple[str, ...]:
        """Return the parts that made the answer what it is, each in a few words."""
        if not self.parts:
            return (self.reason if self.is_met else f"no {self.text}",)
        if self.kind == "not":
            inner = ", ".join(self.parts[0].decisive())
            return (self.text,) if self.is_met else (f"{self.text} does not hold: {inner}",)
        if self.kind == "any" and not self.is_met:
            return (f"none of {self.text}",)
        # of parts that all must hold only the failing ones decide, and the other way round
        found = [part for part in self.parts if part.is_met == self.is_met]
        return tuple(words for part in found for words in part.decisive())


def explain_query(query: Query, document: Document, now: datetime | None = None) -> Part:
    """Return what became of *query* and of each of its parts.

    Args:
        query: without names to look up (Glossary.expand).
        now: what ``age:`` counts to; None: every ``age:`` is taken to hold.
    """
    return _explain(query.root, document, now)


def _explain(node: Node, document: Document, now: datetime | None) -> Part:
    reason = compile_query(Query("", node))(document, now)
    kinds: dict[type, str] = {And: "all", Or: "any", Not: "not"}
    match node:
        case And(parts) | Or(parts):
            below = tuple(_explain(part, document, now) for part in parts)
        case Not(part):
            below = (_explain(part, document, now),)
        case _:
            below = ()
    return Part(describe(node), reason is not None, reason or "", kinds.get(type(node), ""), below)
