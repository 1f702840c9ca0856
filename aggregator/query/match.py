"""A query judged against a document: a tree of nodes in, Matcher out; a Matcher gives the reason or None.

The reason is the part of the query that matched, with the field it was found in
("title: mortgage"). Nothing is looked up and no clock is read: "now" is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Protocol

from aggregator.errors import QueryError
from aggregator.query.document import Document
from aggregator.query.document import Words as Folded
from aggregator.query.nodes import (
    And,
    Everything,
    Label,
    Node,
    Not,
    Or,
    Period,
    Picked,
    Prefix,
    Present,
    Range,
    Regex,
    Rule,
    Words,
    describe,
)
from aggregator.query.regex import compile_pattern

#: (document, now, is_wanted) -> reason or None; is_wanted is False below an odd number of NOTs
Test = Callable[[Document, datetime | None, bool], str | None]


class Matcher(Protocol):
    """A compiled query."""

    def __call__(self, document: Document, now: datetime | None = None) -> str | None:
        """Return the part of the query that matched, None when it does not match.

        With *now* None every ``age:`` is taken to hold, since it still may.
        """
        ...


def compile_query(query: Node) -> Matcher:
    """Return the matcher of *query*; QueryError where a name is left in it to look up (Glossary.expand)."""
    test = _compile(query)

    def matcher(document: Document, now: datetime | None = None) -> str | None:
        return test(document, now, True)

    return matcher


def _compile(node: Node) -> Test:  # noqa: PLR0911 - one line per kind of node
    match node:
        case And(parts):
            return _all_of(tuple(_compile(part) for part in parts))
        case Or(parts):
            return _any_of(parts)
        case Not(part):
            return _none_of(_compile(part), describe(part))
        case Everything():
            return lambda document, now, wanted: "everything"
        case Words() | Prefix():
            return _words(node)
        case Regex():
            return _regex(node)
        case Label():
            return _label(node)
        case Present(field):
            return lambda document, now, wanted: f"{field}: *" if _is_present(document, field) else None
        case Range():
            return _age(node) if node.field == "age" else _count(node)
        case Period():
            return _period(node)
        case Picked(value):
            return lambda document, now, wanted: describe(node) if document.is_picked == value else None
        case Rule():
            raise QueryError(f'there is no rule set "{node.name}"')


def _all_of(tests: tuple[Test, ...]) -> Test:
    def test(document: Document, now: datetime | None, wanted: bool) -> str | None:
        reasons = []
        for part in tests:
            reason = part(document, now, wanted)
            if reason is None:
                return None
            reasons.append(reason)
        # what is absent explains little beside what is there
        present = [reason for reason in reasons if not reason.startswith("NOT ")]
        return ", ".join(present or reasons)

    return test


def _any_of(parts: tuple[Node, ...]) -> Test:
    # most words of most topics are nowhere in an article: one look-up each says so
    tests = tuple((_needed(part), _compile(part)) for part in parts)

    def test(document: Document, now: datetime | None, wanted: bool) -> str | None:
        mentioned = document.mentioned
        for word, part in tests:
            if word is None or word in mentioned:
                reason = part(document, now, wanted)
                if reason is not None:
                    return reason
        return None

    return test


def _needed(node: Node) -> str | None:
    """Return a word of title, summary or content without which *node* cannot match; None: there is none."""
    match node:
        case Words(field=field, tokens=tokens) if field in ("", "title"):
            return max(tokens, key=len)
        case And(parts):
            return max(filter(None, map(_needed, parts)), key=len, default=None)
    return None


def _none_of(part: Test, text: str) -> Test:
    reason = f"NOT {text}"

    def test(document: Document, now: datetime | None, wanted: bool) -> str | None:
        return reason if part(document, now, not wanted) is None else None

    return test


def _words(node: Words | Prefix) -> Test:
    match node:
        case Words(field="", tokens=(word,)):
            return _anywhere(
                node, lambda document: word in document.mentioned, lambda title: word in title.vocabulary
            )
        case Prefix(field="", before=(), start=start):
            return _anywhere(
                node, lambda document: document.has_start(start), lambda title: title.has_prefix((), start)
            )
        case Words(tokens=tokens):
            return _in_texts(node, lambda words: words.has_phrase(tokens))
        case Prefix(before=before, start=start):
            return _in_texts(node, lambda words: words.has_prefix(before, start))


def _anywhere(
    node: Words | Prefix, is_there: Callable[[Document], bool], is_in_title: Callable[[Folded], bool]
) -> Test:
    """The most frequent part of all queries, in as few steps as it takes."""
    in_title, in_text = f"title: {node.text}", f"text: {node.text}"

    def test(document: Document, now: datetime | None, wanted: bool) -> str | None:
        if not is_there(document):
            return None
        return in_title if is_in_title(document.text_of("title")) else in_text

    return test


def _in_texts(node: Words | Prefix, is_in: Callable[[Folded], bool]) -> Test:
    places = (node.field,) if node.field else ("title", "text")
    reasons = tuple((place, f"{place}: {node.text}") for place in places)

    def test(document: Document, now: datetime | None, wanted: bool) -> str | None:
        for place, reason in reasons:
            if is_in(document.text_of(place)):
                return reason
        return None

    return test


def _regex(node: Regex) -> Test:
    places = (node.field,) if node.field else ("title", "text")
    pattern = compile_pattern(node.pattern)

    def test(document: Document, now: datetime | None, wanted: bool) -> str | None:
        for place in places:
            if any(pattern.search(text) for text in document.texts_of(place)):
                return f"{place}: /{node.pattern}/"
        return None

    return test


def _label(node: Label) -> Test:
    reason = describe(node)
    value = node.value
    # without a star the host ends there, and the language goes on with a part of its own
    end, dash = ("", "") if node.is_prefix else ("\n", "-")

    def is_like(labels: Collection[str]) -> bool:
        return any(label.startswith(value) for label in labels) if node.is_prefix else value in labels

    checks: dict[str, Callable[[Document], bool]] = {
        "source": lambda document: is_like(document.sources),
        "tag": lambda document: is_like(document.tags),
        "topic": lambda document: is_like(document.topics),
        "has": lambda document: value in document.has,
        "type": lambda document: is_like(document.types),
        "url": lambda document: value in document.link.casefold(),
        "site": lambda document: f".{value}{end}" in f".{document.site}{end}",
        "lang": lambda document: f"{document.language}{dash}".startswith(f"{value}{dash}"),
    }
    check = checks[node.field]
    return lambda document, now, wanted: reason if check(document) else None


def _is_present(document: Document, field: str) -> bool:
    values: Mapping[str, object] = {
        "title": document.entry.title,
        "author": document.authors,
        "category": document.categories,
        "source": document.sources,
        "tag": document.tags,
        "topic": document.topics,
        "lang": document.language,
        "site": document.site,
        "url": document.link,
        "published": document.published,
    }
    return bool(values[field])


def _is_within(node: Range, value: float) -> bool:
    above = node.low is None or value > node.low or (node.include_low and value == node.low)
    below = node.high is None or value < node.high or (node.include_high and value == node.high)
    return above and below


def _count(node: Range) -> Test:
    return lambda document, now, wanted: (
        f"words: {document.entry.words}" if _is_within(node, document.entry.words) else None
    )


def _age(node: Range) -> Test:
    reason = describe(node)

    def test(document: Document, now: datetime | None, wanted: bool) -> str | None:
        if now is None:
            return reason if wanted else None
        date = document.date or document.published
        if date is None:
            return None
        return reason if _is_within(node, (now - date).total_seconds()) else None

    return test


def _period(node: Period) -> Test:
    reason = describe(node)

    def test(document: Document, now: datetime | None, wanted: bool) -> str | None:
        when = document.published
        if when is None or (node.start and when < node.start) or (node.end and when >= node.end):
            return None
        return reason

    return test
