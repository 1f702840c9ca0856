"""Filter rules of Miniflux become conditions: lines such as ``EntryTitle=(?i)advert`` in, queries out.

A block rule leaves out what it finds, of keep rules one must find something; the order says
nothing then. Older versions have one bare pattern for title, address, author and tags. Patterns
are RE2 there and here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from aggregator.config.imports.conditions import any_of, is_query, negated, pattern_in
from aggregator.config.imports.labels import line_of

_FIELDS = {
    "EntryTitle": "title",
    "EntryURL": "url",
    "EntryAuthor": "author",
    "EntryTag": "category",
    "EntryContent": "",
}
_BARE = ("title", "url", "author", "category")
_DAY = r"\d{4}-\d\d-\d\d"
#: forms of a date's rule -> our query
_DATES = {
    rf"before:({_DAY})": "published:<{0}",
    rf"after:({_DAY})": "published:[{0} TO *]",
    rf"between:({_DAY}),({_DAY})": "published:[{0} TO {1}}}",
    r"max-age:(\d+[smhd])": "age:>{0}",
}


def conditions_of(attributes: Mapping[str, str], said: list[str]) -> list[str]:
    """Return the conditions that the rules among a feed's *attributes* mean, all to be met.

    Args:
        said: takes in a sentence for each rule that cannot be said here.
    """
    found = []
    for names, is_block in (
        (("blocklistRules", "blockFilterEntryRules"), True),
        (("keeplistRules", "keepFilterEntryRules"), False),
    ):
        rules = [rule for name in names for rule in _rules(attributes.get(name, ""))]
        queries = [query for rule in rules if (query := _query(rule, said))]
        if is_block:
            found += [negated(query) for query in queries]
        elif queries and (kept := any_of(queries)):
            found.append(kept)
        elif queries:
            said.append("keep rules: together they are too long for one query")
    return found


def _rules(text: str) -> list[str]:
    """Return the rules of one box: a line each, or the whole as one bare pattern."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return lines if lines and all(re.match(r"Entry\w+\s*=", line) for line in lines) else [text.strip()]


def _query(rule: str, said: list[str]) -> str | None:
    if not rule:
        return None
    name, has_name, value = (part.strip() for part in rule.partition("="))
    if has_name and name == "EntryDate":
        query = _date(value)
    elif has_name and re.fullmatch(r"Entry\w+", name):
        query = pattern_in([_FIELDS[name]], value) if name in _FIELDS else None
    else:
        query = pattern_in(_BARE, rule)
    if query is None:
        said.append(f"the rule {line_of(rule, 120)} cannot be written as a query")
    return query


def _date(value: str) -> str | None:
    for form, template in _DATES.items():
        if match := re.fullmatch(form, value):
            query = template.format(*match.groups())
            return query if is_query(query) else None
    return None
