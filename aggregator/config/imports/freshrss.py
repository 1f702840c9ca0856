"""Searches of FreshRSS become queries: ``intitle:advert OR -author:Ann`` in, our language out.

There a blank binds tighter than OR, words are found inside words, and ``/patterns/`` tell
capitals apart unless an i stands behind them. Searches by date, feed, label or another search
have no counterpart.
"""

from __future__ import annotations

import re

from aggregator.config.imports.conditions import is_query, pattern_in, text_in
from aggregator.errors import QueryError

_FIELDS = {"": "", "intitle": "title", "intext": "", "author": "author", "inurl": "url", "#": "category"}
_TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])|(?P<word>OR|AND)(?=[\s(]|$)|(?P<not>[-!])?
    (?:(?P<field>[A-Za-z]+):|(?P<hash>\#))?
    (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|/(?P<regex>(?:[^/\\]|\\.)+)/(?P<flags>[a-z]*)
    |(?P<bare>[^\s()"'][^\s()]*)|(?P<group>(?<=[-!])(?=\())))""",
    re.VERBOSE,
)


def query_of(search: str) -> str | None:
    """Return one condition that matches what *search* finds; None if it cannot be said here."""
    try:
        tokens = _tokens(search)
        query = _either(tokens)
    except (QueryError, RecursionError):
        return None
    return query if not tokens and is_query(query) else None


def _tokens(search: str) -> list[re.Match[str]]:
    """Return the tokens of *search*, the first one last.

    Raises:
        QueryError: it cannot be read.
    """
    tokens, at, end = [], 0, len(search.rstrip())
    while at < end:
        match = _TOKEN.match(search, at)
        if match is None:
            raise QueryError(f"{search[at:]} cannot be read")
        tokens.append(match)
        at = match.end()
    return tokens[::-1]


def _either(tokens: list[re.Match[str]]) -> str:
    options = [_all(tokens)]
    while tokens and tokens[-1]["word"] == "OR":
        tokens.pop()
        options.append(_all(tokens))
    return options[0] if len(options) == 1 else f"({' OR '.join(options)})"


def _all(tokens: list[re.Match[str]]) -> str:
    terms = []
    while tokens and tokens[-1]["word"] != "OR" and tokens[-1]["bracket"] != ")":
        if tokens[-1]["word"] == "AND":
            tokens.pop()
        else:
            terms.append(_term(tokens))
    if not terms:
        raise QueryError("nothing stands where something should")
    return terms[0] if len(terms) == 1 else f"({' '.join(terms)})"


def _term(tokens: list[re.Match[str]]) -> str:
    token = tokens.pop()
    minus = "-" if token["not"] else ""
    if token["group"] is not None:
        token = tokens.pop()
    if token["bracket"]:
        inner = _either(tokens)
        if not tokens or tokens.pop()["bracket"] != ")":
            raise QueryError("a bracket is never closed")
        return minus + (inner if inner.startswith("(") else f"({inner})")
    field = (token["field"] or "").lower() or token["hash"] or ""
    if field not in _FIELDS:
        raise QueryError(f"{field}: has no counterpart")
    if token["regex"]:
        pattern = token["regex"] if "i" not in token["flags"] else f"(?i){token['regex']}"
        query = pattern_in([_FIELDS[field]], pattern)
    else:
        text = next(filter(None, (token["double"], token["single"], token["bare"])), "")
        # a tag is compared whole
        query = f'category:"{text}"' if token["hash"] else text_in(_FIELDS[field], text.replace("+", " "))
    if query is None:
        raise QueryError(f"{token[0]} cannot be written as a query")
    return minus + query
