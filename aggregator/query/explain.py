"""Why a query matches a document or not, part by part: expanded query and document in, a tree out."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.query.document import Document
from aggregator.query.match import compile_query
from aggregator.query.nodes import And, Node, Not, Or, describe


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


def explain_query(query: Node, document: Document) -> Part:
    """Return what became of *query* and of each of its parts; every ``age:`` is taken to hold.

    Args:
        query: without names to look up (Glossary.expand).
    """
    reason = compile_query(query)(document)
    kinds: dict[type, str] = {And: "all", Or: "any", Not: "not"}
    below: tuple[Node, ...] = ()
    match query:
        case And(parts) | Or(parts):
            below = parts
        case Not(part):
            below = (part,)
    explained = tuple(explain_query(part, document) for part in below)
    return Part(describe(query), reason is not None, reason or "", kinds.get(type(query), ""), explained)
