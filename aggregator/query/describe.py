"""A tree written as query text again, for the reasons that people read."""

from __future__ import annotations

from aggregator.query.nodes import (
    And,
    Everything,
    Flag,
    Label,
    Node,
    Not,
    Or,
    Period,
    Prefix,
    Present,
    Range,
    Regex,
    Rule,
    Words,
)


def describe(node: Node) -> str:  # noqa: PLR0911 - one line per kind of node
    """Return a query text that says what *node* says."""
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
        case Flag(field, value):
            return f"{field}: {str(value).lower()}"
        case Rule(name):
            return f"rule: {name}"
