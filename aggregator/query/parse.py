"""Query text in, a tree of nodes out. The only importer of luqum, whose tree never leaves this file.

How operators bind, tightest first: NOT and -, AND, OR, a blank. So ``mortgage OR rent -London``
reads "(mortgage OR rent) AND NOT London", as search engines do. luqum's grammar lets a
blank before a minus bind tighter than one before a word; that is set right here.
"""

from __future__ import annotations

import re
from functools import lru_cache

import luqum.tree as lucene
from luqum.exceptions import ParseError as LuceneError
from luqum.thread import parse as parse_lucene

from aggregator.errors import QueryError
from aggregator.query.fields import read_phrase, read_range, read_regex, read_word
from aggregator.query.nodes import And, Everything, Label, Node, Not, Or, Rule, walk
from aggregator.query.scan import check_text

#: quotation marks, blanks and minus signs of word processors, and the plain ones they are read as
_TYPED = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
    | dict.fromkeys("\u00a0\u3000", " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\uff0d", "-")
)
#: what stands in plain quotes or is a pattern, where every character is meant as it stands; else one as above
_MEANT = re.compile(
    r'"(?:[^\\"]|\\.)*"|(?<![^\s(:+-])/(?:[^\\/]|\\.)*/|[\u201c-\u201f\u00a0\u3000]'
    # a dash is a minus where a word begins
    r"|(?<![^\s(])[\u2010-\u2013\u2212\uff0d](?=[^\s\u2010-\u2013-])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
#: a star at the end that no backslash takes the meaning from
_STAR = re.compile(r"(?<!\\)(?:\\\\)*\*\Z")
_PLACE = re.compile(r"position (\d+)")


@lru_cache(maxsize=4096)
def parse_query(text: str) -> Node:
    """Return the query that *text* says; blank text matches everything.

    Raises: QueryError, one sentence with the fix and, where known, the position.
    """
    plain = _MEANT.sub(lambda found: found[0].translate(_TYPED) if len(found[0]) == 1 else found[0], text)
    check_text(plain)
    if not plain.strip():
        return Everything()
    # luqum counts positions from the first character that is no blank
    lead = len(plain) - len(plain.lstrip())
    try:
        tree = parse_lucene(plain.strip())
    except LuceneError as error:
        place = _PLACE.search(str(error))
        position = lead + int(place[1]) if place else len(plain)
        raise QueryError(_grammar_complaint(plain, position), text, position) from None
    try:
        return _node(tree, "")
    except QueryError as error:
        at = None if error.position is None else error.position + lead
        raise QueryError(error.message, text, at) from None


def references(query: Node) -> frozenset[tuple[str, str]]:
    """Return the (field, value) pairs of source:, topic:, tag: and rule: that *query* names whole.

    Values are folded as the field compares them; prefixes (``tag:uk-*``) name nothing.
    """
    found = set()
    for node in walk(query):
        if isinstance(node, Label) and node.field in ("source", "topic", "tag") and not node.is_prefix:
            found.add((node.field, node.value))
        elif isinstance(node, Rule):
            found.add(("rule", node.name))
    return frozenset(found)


def _grammar_complaint(text: str, position: int) -> str:
    rest = text[position:].split(maxsplit=1)
    if not rest:
        last = text.rsplit(maxsplit=1)[-1]
        return f"something is missing after {last}" if last.isupper() else "the query ends too early"
    if rest[0] == "to":
        return "write TO in capitals"
    if rest[0][0] in "]}":
        return "a range has two ends, such as [300 TO 900]; an open one is *"
    return f"{rest[0][:20]} cannot stand at character {position + 1}"


def _node(item: lucene.Item, field: str) -> Node:
    """Translate one luqum item; *field* is the field around it, "" outside of any."""
    match item:
        case lucene.BaseOperation():
            return _operation(item, field)
        case lucene.Prohibit() if field in ("words", "age"):
            raise QueryError(f"{field}: counts from 0 up, there is nothing below", "", item.pos)
        case lucene.Not() | lucene.Prohibit():
            return Not(_node(item.a, field))
        case lucene.Plus():
            return _node(item.a, field)
        case lucene.BaseGroup():
            return _node(item.expr, field)
        case lucene.SearchField():
            return _field(item, field)
    try:
        return _leaf(item, field)
    except QueryError as error:
        raise QueryError(error.message, "", item.pos) from None


def _field(item: lucene.SearchField, outer: str) -> Node:
    if outer:
        raise QueryError(f"{item.name}: cannot stand inside {outer}:(...)", "", item.pos)
    return _node(item.expr, item.name)


def _operation(item: lucene.BaseOperation, field: str) -> Node:
    item = _blanks_outside(item)
    parts = [_node(part, field) for part in item.operands]
    kind = Or if isinstance(item, lucene.OrOperation) else And
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return kind(tuple(flat))


def _blanks_outside(item: lucene.BaseOperation) -> lucene.BaseOperation:
    """Turn ``a OR (b -c)``, as luqum reads "a OR b -c", into ``(a OR b) -c``."""
    last = item.operands[-1]
    if isinstance(last, lucene.BaseOperation) and not isinstance(last, lucene.UnknownOperation):
        last = _blanks_outside(last)
    if isinstance(item, lucene.UnknownOperation) or not isinstance(last, lucene.UnknownOperation):
        return item
    first = type(item)(*item.operands[:-1], last.operands[0])
    return lucene.UnknownOperation(first, *last.operands[1:])


def _leaf(item: lucene.Item, field: str) -> Node:
    match item:
        case lucene.Word():
            plain = _ESCAPE.sub(r"\1", item.value)
            # what was escaped is a character like any other, as if it stood in quotes
            is_literal = plain != item.value and not _STAR.search(item.value)
            return (read_phrase if is_literal else read_word)(field, plain)
        case lucene.Phrase():
            return read_phrase(field, _ESCAPE.sub(r"\1", item.value[1:-1]))
        case lucene.Regex():
            return read_regex(field, item.value[1:-1].replace("\\/", "/"))
        case lucene.Range():
            return read_range(
                field,
                _end(item.low),
                _end(item.high),
                include_low=item.include_low,
                include_high=item.include_high,
            )
        case lucene.From():
            return read_range(field, _end(item.a), "*", include_low=item.include, include_high=True)
        case lucene.To():
            return read_range(field, "*", _end(item.a), include_low=True, include_high=item.include)
    raise QueryError(f"{str(item).strip()} cannot be used here")


def _end(item: lucene.Item) -> str:
    if isinstance(item, lucene.Phrase):
        return str(item.value[1:-1])
    return str(item).strip()
