"""What settings say of each other: queries that cannot be read, names of what is not there, circles.

Declared texts in, problems out. A query is parsed here and only here while the file is checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from aggregator.config.declared import Declared, DeclaredQuery
from aggregator.config.names import did_you_mean
from aggregator.config.problems import Complaints
from aggregator.errors import QueryError
from aggregator.model.settings import DESK
from aggregator.query.fields import source_key
from aggregator.query.parse import parse_query, references
from aggregator.query.text import fold


def check_queries(declared: Declared, complaints: Complaints) -> None:
    """Complain of every query that cannot be read, names something unknown, or is part of a circle."""
    known = {
        "source": _source_keys(declared),
        "topic": frozenset(fold(slug) for slug in declared.topics),
        "tag": frozenset(fold(tag) for source in declared.sources for tag in source.tags),
        "rule": frozenset(declared.rules),
    }
    # what a list holds is known only when it is read
    has_lists = any(source.key == "opml" for source in declared.sources)
    names: dict[tuple[str, str], frozenset[tuple[str, str]]] = {}
    for query in declared.queries:
        named = names[query.kind, query.slug] = _read(query, complaints)
        for field, value in sorted(named):
            if field in known and value not in known[field] and not (has_lists and field != "topic"):
                at = _position(query.text, field, value)
                what = "rule set" if field == "rule" else field
                hint = did_you_mean(value, known[field])
                complaints.in_query(query.path, f"unknown {what} {value}{hint}", at)
    rules = {
        name: sorted(value for field, value in names.get(("rules", name), ()) if field == "rule")
        for name in declared.rules
    }
    topics = {slug: _topics_named(("topics", slug), names) for slug in declared.topics}
    _check_circles(declared, "rules", "rule", rules, complaints)
    _check_circles(declared, "topics", "topic", topics, complaints)


def _topics_named(
    query: tuple[str, str], names: Mapping[tuple[str, str], frozenset[tuple[str, str]]]
) -> list[str]:
    """The topics that a query names, itself or through rule sets."""
    found: set[str] = set()
    seen, open_ = {query}, [query]
    while open_:
        for field, value in names.get(open_.pop(), ()):
            if field == "topic":
                found.add(value)
            elif field == "rule" and ("rules", value) not in seen:
                seen.add(("rules", value))
                open_.append(("rules", value))
    return sorted(found)


def _read(query: DeclaredQuery, complaints: Complaints) -> frozenset[tuple[str, str]]:
    try:
        return references(parse_query(query.text))
    except QueryError as error:
        complaints.in_query(query.path, error.message, error.position)
        return frozenset()


def _position(text: str, field: str, value: str) -> int | None:
    """Return where *text* names *value*; None if it is written in a way that takes more reading."""
    for match in re.finditer(rf'\b{field}:("[^"]*"|[^\s()]+)', text):
        if _key(field, match[1].strip('"')) == value:
            return match.start()
    return None


def _key(field: str, value: str) -> str:
    return source_key(value) if field == "source" else fold(value)


def _source_keys(declared: Declared) -> frozenset[str]:
    """What ``source:`` can name: ids, names, and the hosts of those that have neither; and our own desk."""
    names: list[str] = []
    for source in declared.sources:
        given = [each for each in (source.id, source.name) if each]
        names += given or ([_host(source.url)] if source.url else [])
    return frozenset((DESK, *map(source_key, names)))


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _check_circles(
    declared: Declared, kind: str, field: str, edges: Mapping[str, list[str]], complaints: Complaints
) -> None:
    """Complain of each circle once, where the first of its members names the next."""
    queries = {query.slug: query for query in declared.queries if query.kind == kind}
    what = "rule sets" if kind == "rules" else kind
    for circle in _find_circles(edges):
        first, second = (*circle, circle[0])[:2]
        if first not in queries:
            continue
        query = queries[first]
        way = " -> ".join((*circle, first))
        message = f"{what} name each other in a circle: {way}"
        complaints.in_query(query.path, message, _position(query.text, field, second))


def _find_circles(edges: Mapping[str, list[str]]) -> list[list[str]]:
    """Return the circles met on one walk over all topics, each beginning with the topic met first."""
    circles: list[list[str]] = []
    done: set[str] = set()
    for start in edges:
        if start in done:
            continue
        way, branches = [start], [iter(edges[start])]
        while branches:
            below = next(branches[-1], None)
            if below is None:
                branches.pop()
                done.add(way.pop())
            elif below in way:
                circles.append(way[way.index(below) :])
            elif below in edges and below not in done:
                way.append(below)
                branches.append(iter(edges[below]))
    return circles
