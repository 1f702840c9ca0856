"""The index of words: an entry's words go in beside its article, and out with it.

The words are folded and split by query.text, the same rule the matcher uses, so that what
the index finds includes everything a query matches. Search only narrows down by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from aggregator.model import Entry
from aggregator.query.wording import wording_of
from aggregator.store.dialect import is_postgres
from aggregator.store.rows import write_rows

#: longer words are indexed, and looked for, by their beginning
MAX_WORD = 60
#: an article with more different words is indexed as one that may hold any
MAX_WORDS = 12_000
#: stands for "any word"; no word holds such a character
ANY = "*"
#: takes a third of the time that splitting takes, for what nearly every article is
_SHORT_WORDS = re.compile(rf"(?:[^ ]{{1,{MAX_WORD}}}+ )*+[^ ]{{0,{MAX_WORD}}}")


def words_of(entry: Entry) -> str:
    """Return the different words of title, summary and content, separated by blanks."""
    words = wording_of(entry).vocabulary
    if words.count(" ") >= MAX_WORDS:
        return ANY
    if _SHORT_WORDS.fullmatch(words):
        return words
    return " ".join(sorted({word[:MAX_WORD] for word in words.split()}))


def index_words(connection: Connection, entries: Sequence[tuple[int, Entry]]) -> None:
    """Add the words of new articles: (article id, entry)."""
    if is_postgres(connection):
        listed = [{"id": article_id, "words": words_of(entry).split()} for article_id, entry in entries]
        write_rows(connection, _POSTGRES_ADD, listed)
    else:
        write_rows(connection, _ADD, _rows(entries))


def unindex_words(connection: Connection, entries: Sequence[tuple[int, Entry]]) -> None:
    """Take out the words of articles: (article id, the entry as it was indexed)."""
    # the index keeps no copy, so it is told what to take out; on PostgreSQL the row goes
    # with its article or is overwritten
    if not is_postgres(connection):
        write_rows(connection, _TAKE_OUT, _rows(entries))


def _rows(entries: Sequence[tuple[int, Entry]]) -> list[dict[str, Any]]:
    return [{"id": article_id, "words": words_of(entry)} for article_id, entry in entries]


_ADD = text("INSERT INTO article_words (rowid, words) VALUES (:id, :words)")
_TAKE_OUT = text("INSERT INTO article_words (article_words, rowid, words) VALUES ('delete', :id, :words)")
_POSTGRES_ADD = text(
    "INSERT INTO article_words (article_id, words) VALUES (:id, array_to_tsvector(CAST(:words AS text[]))) "
    "ON CONFLICT (article_id) DO UPDATE SET words = excluded.words"
)
