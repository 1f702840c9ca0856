"""The index of words: an entry's words go in beside its article, and out with it.

The words are folded and split by query.text, the same rule the matcher uses, so that what
the index finds includes everything a query matches. Search only narrows down by it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from aggregator.model import Entry
from aggregator.query.wording import wording_of
from aggregator.store.dialect import is_postgres

#: longer words are indexed, and looked for, by their beginning
MAX_WORD = 60
#: an article with more different words is indexed as one that may hold any
MAX_WORDS = 12_000
#: stands for "any word"; no word holds such a character
ANY = "*"


def words_of(entry: Entry) -> list[str]:
    """Return the different words of title, summary and content."""
    words = wording_of(entry).vocabulary.split()
    if len(words) > MAX_WORDS:
        return [ANY]
    if max(map(len, words), default=0) <= MAX_WORD:
        return words
    return sorted({word[:MAX_WORD] for word in words})


def index_words(connection: Connection, entries: Sequence[tuple[int, Entry]]) -> None:
    """Add the words of new articles: (article id, entry)."""
    if not entries:
        return
    if is_postgres(connection):
        statement = (
            "INSERT INTO article_words (article_id, words) "
            "VALUES (:id, array_to_tsvector(CAST(:words AS text[])))"
            " ON CONFLICT (article_id) DO UPDATE SET words = excluded.words"
        )
        rows = [{"id": article_id, "words": words_of(entry)} for article_id, entry in entries]
    else:
        statement = "INSERT INTO article_words (rowid, words) VALUES (:id, :words)"
        rows = [{"id": article_id, "words": " ".join(words_of(entry))} for article_id, entry in entries]
    connection.execute(text(statement), rows)


def unindex_words(connection: Connection, entries: Sequence[tuple[int, Entry]]) -> None:
    """Take out the words of articles: (article id, the entry as it was indexed)."""
    if entries and not is_postgres(connection):
        # the index keeps no copy, so it is told what to take out; on PostgreSQL the row goes
        # with its article or is overwritten
        connection.execute(
            text("INSERT INTO article_words (article_words, rowid, words) VALUES ('delete', :id, :words)"),
            [{"id": article_id, "words": " ".join(words_of(entry))} for article_id, entry in entries],
        )
