"""The index of words, asked: a condition flows in, the ids of articles that meet it flow out.

An article too long to index meets every condition: who asks judges what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, ScalarResult, text

from aggregator.query.nodes import And, Node, Not, Or, Prefix, Words
from aggregator.store.articles.fulltext import ANY, MAX_WORD
from aggregator.store.dialect import is_postgres

#: ids with longer gaps between them are asked for piece by piece
SCATTERED = 50
#: more than there are; rows of the index held at once
ALL, ROWS_AT_ONCE = 2**62, 5_000


class WordIndex:
    """The index of words, asked for one condition."""

    def __init__(self, connection: Connection, condition: Node) -> None:
        self._connection = connection
        self._is_postgres = is_postgres(connection)
        self._sought = _sought(condition, _POSTGRES if self._is_postgres else _SQLITE)

    def newest(self, limit: int) -> Sequence[int]:
        """Return the highest ids that meet the condition, highest first."""
        # by no cursor: PostgreSQL takes it that little of one is read, and would walk past all articles
        return self._found(limit).all()

    def descending(self) -> Iterator[int]:
        """Yield all ids that meet the condition, highest first."""
        yield from self._found(ALL, yield_per=ROWS_AT_ONCE)

    def every(self, limit: int) -> tuple[Sequence[int], Callable[[Sequence[int]], set[int]]]:
        """Ask once for all; return the highest ids, and what tells which of some ids meet the condition."""
        newest: list[int] = []
        # a byte for each article: a set of a million numbers takes a hundred times as much
        flags = bytearray()
        for article_id in self.descending():
            flags = flags or bytearray(article_id + 1)
            flags[article_id] = True
            if len(newest) < limit:
                newest.append(article_id)
        return newest, lambda ids: {one for one in ids if one < len(flags) and flags[one]}

    def _found(self, limit: int, **options: int) -> ScalarResult[int]:
        if self._is_postgres:
            query = (
                "SELECT article_id FROM article_words WHERE words @@ CAST(:sought AS tsquery) "
                "ORDER BY article_id DESC LIMIT :limit"
            )
        else:
            query = (
                "SELECT rowid FROM article_words WHERE article_words MATCH :sought "
                "ORDER BY rowid DESC LIMIT :limit"
            )
        sought = {"sought": self._sought, "limit": limit}
        return self._connection.scalars(text(query), sought, execution_options=options)

    def among(self, ids: Sequence[int]) -> set[int]:
        """Return those of *ids* that meet the condition."""
        if not ids:
            return set()
        if self._is_postgres:
            query = (
                "SELECT article_id FROM article_words WHERE words @@ CAST(:sought AS tsquery) "
                "AND article_id = ANY(:ids)"
            )
            return set(self._connection.scalars(text(query), {"sought": self._sought, "ids": list(ids)}))
        low, high = min(ids), max(ids)
        found: set[int] = set()
        # old articles that arrived lately lie far from their neighbours by date
        pieces = [(low, high)] if high - low < SCATTERED * len(ids) else _runs(sorted(ids))
        within = text(
            "SELECT rowid FROM article_words WHERE article_words MATCH :sought "
            "AND rowid BETWEEN :low AND :high"
        )
        for low, high in pieces:
            bounds = {"sought": self._sought, "low": low, "high": high}
            found.update(self._connection.scalars(within, bounds))
        return found.intersection(ids)


def _runs(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Return the fewest ranges that hold sorted *ids* without gaps longer than SCATTERED."""
    runs: list[tuple[int, int]] = []
    for article_id in ids:
        if runs and article_id - runs[-1][1] <= SCATTERED:
            runs[-1] = (runs[-1][0], article_id)
        else:
            runs.append((article_id, article_id))
    return runs


#: how a word is written, a beginning, AND, OR and AND NOT
Spelling = tuple[str, str, str, str, str]
_SQLITE: Spelling = ('"{}"', '"{}"*', " AND ", " OR ", " NOT ")
_POSTGRES: Spelling = ("'{}'", "'{}':*", " & ", " | ", " & !")


def _sought(condition: Node, spelling: Spelling) -> str:
    """Return the index's expression for *condition*; articles too long to index always meet it."""
    word, either = spelling[0], spelling[3]
    return f"({_expression(condition, spelling)}){either}{word.format(ANY)}"


def _expression(condition: Node, spelling: Spelling) -> str:
    word, beginning, both, either, without = spelling
    match condition:
        # tokens are letters and digits, so that nothing in them needs quoting
        case Words(tokens=tokens):
            return both.join(word.format(token[:MAX_WORD]) for token in tokens)
        case Prefix(before=before, start=start):
            words = [word.format(token[:MAX_WORD]) for token in before]
            return both.join([*words, beginning.format(start[:MAX_WORD])])
        case And(parts):
            known = [f"({_expression(part, spelling)})" for part in parts if not isinstance(part, Not)]
            absent = [_expression(part.part, spelling) for part in parts if isinstance(part, Not)]
            return f"({both.join(known)}){without}({either.join(absent)})" if absent else both.join(known)
        case Or(parts):
            return either.join(f"({_expression(part, spelling)})" for part in parts) or word.format(ANY)
    raise ValueError(f"no index can be asked for {condition}")
