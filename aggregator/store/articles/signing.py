"""Whose names stand under which articles: articles with their authors in, rows out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete

from aggregator.query.bylines import byline_slugs
from aggregator.store.rows import insert_or_ignore, write_rows
from aggregator.store.tables import bylines

_GONE = delete(bylines).where(bylines.c.article_id == bindparam("of_article"))


def write_bylines(
    connection: Connection,
    signed: Sequence[tuple[int, datetime, Sequence[str]]],
    *,
    replacing: bool = False,
) -> None:
    """Write who signed these articles: (article id, sort date, names).

    Args:
        replacing: the articles may have had other names before.
    """
    if replacing and signed:
        connection.execute(_GONE, [{"of_article": article_id} for article_id, _, _ in signed])
    rows = [
        {"slug": slug, "article_id": article_id, "sort_date": sort_date, "name": name}
        for article_id, sort_date, names in signed
        for slug, name in byline_slugs(names).items()
    ]
    write_rows(connection, insert_or_ignore(connection, bylines), rows)
