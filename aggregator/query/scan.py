"""The checks of a query that need no grammar, made before any parser sees it.

Query text in, nothing out but a QueryError with its position: limits (length, depth, terms),
quotes and brackets without partner, operators in small letters, operators of other
search engines. What passes is short and shallow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.errors import QueryError
from aggregator.query.fields import FIELDS, unknown_field

MAX_LENGTH = 1000
MAX_DEPTH = 20
MAX_TERMS = 100

_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<phrase>"(?:[^\\"]|\\.)*")
    |(?P<regex>/(?:[^\\/]|\\.)*/)
    |(?P<open>\()|(?P<close>\))
    |(?P<range>[\[{])|(?P<end>[\]}])
    |(?P<compare>[<>]=?)
    |(?P<colon>:)|(?P<sign>[+-])
    |(?P<boost>\^)|(?P<near>~)
    |(?P<term>(?:[^\s:^~(){}[\]/"'+\-\\<>]|\\.)(?:[^\s:^\\~(){}[\]]|\\.|(?<=T\d{2}):\d{2}(?::\d{2})?)*)
    |(?P<odd>.)""",
    re.VERBOSE | re.DOTALL,
)
_BORROWED = {"&&": "AND", "||": "OR", "&": "AND", "|": "OR", "!": "NOT"}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One token of a query: its kind (a group name above), its text and its position."""

    kind: str
    text: str
    at: int


def check_text(text: str) -> None:
    """Refuse a query that is too long, too deep, unbalanced or written in another dialect.

    Raises: QueryError, with the position.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query is longer than {MAX_LENGTH} characters", text[:MAX_LENGTH], MAX_LENGTH)
    for position, character in enumerate(text):
        if "\ud800" <= character <= "\udfff" or (character < " " and not character.isspace()):
            raise QueryError("the query holds a character that is no text", text, position)
    lexemes = [
        Lexeme(match.lastgroup or "", match[0], match.start())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "blank"
    ]
    for index, lexeme in enumerate(lexemes):
        before = lexemes[index - 1] if index else None
        after = lexemes[index + 1] if index + 1 < len(lexemes) else None
        complaint = _complaint(lexeme, before, after)
        if lexeme.kind == "colon" and before is not None and _is_strange(before, lexeme):
            run = text[before.at :].split(maxsplit=1)[0].rstrip(")")
            raise QueryError(unknown_field(before.text, run), text, before.at)
        if complaint:
            raise QueryError(complaint, text, lexeme.at)
    _check_depth(text, lexemes)


def _is_strange(before: Lexeme, colon: Lexeme) -> bool:
    """Tell whether a field is named that does not exist."""
    is_name = before.kind == "term" and before.at + len(before.text) == colon.at
    return is_name and before.text not in FIELDS


def _complaint(lexeme: Lexeme, before: Lexeme | None, after: Lexeme | None) -> str:  # noqa: PLR0911
    """What is wrong with this token alone and with its neighbours; "" when nothing is."""
    match lexeme.kind:
        case "odd":
            return _odd(lexeme.text)
        case "boost":
            return "^ (boosting) does nothing here: articles match or do not; leave it out or quote the text"
        case "near":
            return "~ (fuzzy and proximity search) does not exist here; leave it out or quote the text"
        case "colon" if before is None or before.kind != "term" or before.at + len(before.text) != lexeme.at:
            return "a : needs a field directly before it, such as title:; quote the text to search for it"
        case "colon" if after is None or after.at != lexeme.at + 1:
            return f"{before.text if before else ''}: needs a value directly after it"
        case "term" if before is not None and _is_flag(before, lexeme):
            return "a pattern takes no letters behind it: it matches capital and small ones anyway"
        case "term" if (before is None or before.kind != "colon") and (
            after is None or after.kind != "colon"
        ):
            return _word(lexeme.text)
    return ""


def _is_flag(before: Lexeme, term: Lexeme) -> bool:
    return before.kind == "regex" and before.at + len(before.text) == term.at


def _odd(text: str) -> str:
    names = {'"': "quote", "/": "slash"}
    if text in names:
        return f"the {names[text]} {text} is never closed"
    return f'"{text}" cannot begin a word; quote the text'


def _word(text: str) -> str:
    if text.lower() in ("and", "or", "not") and not text.isupper():
        return f'write {text.upper()} in capitals, or "{text}" in quotes to search for the word'
    if text in _BORROWED:
        return f"write {_BORROWED[text]} instead of {text}"
    if text.startswith("!"):
        return f"write -{text[1:]} or NOT {text[1:]} instead of {text}"
    return ""


def _check_depth(text: str, lexemes: list[Lexeme]) -> None:
    """Count terms and nesting; brackets must have their partner."""
    opened: list[Lexeme] = []
    terms = run = 0
    for lexeme in lexemes:
        is_unary = lexeme.kind in ("sign", "colon") or lexeme.text == "NOT"
        run = run + 1 if is_unary else 0
        if lexeme.kind in ("open", "range"):
            opened.append(lexeme)
        elif lexeme.kind in ("close", "end"):
            partner = opened.pop() if opened else None
            if partner is None or (partner.kind == "open") != (lexeme.kind == "close"):
                raise QueryError(f"{lexeme.text} has no partner before it", text, lexeme.at)
        if lexeme.kind in ("term", "phrase", "regex") and lexeme.text not in ("AND", "OR", "NOT", "TO"):
            terms += 1
        elif lexeme.kind == "colon":
            terms -= 1  # what stood before it was the name of a field
        if len(opened) + run > MAX_DEPTH:
            raise QueryError(f"the query is nested more than {MAX_DEPTH} deep", text, lexeme.at)
        if terms > MAX_TERMS:
            raise QueryError(f"the query has more than {MAX_TERMS} terms", text, lexeme.at)
    if opened:
        raise QueryError(f"{opened[-1].text} is never closed", text, opened[-1].at)
