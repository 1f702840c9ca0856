"""Many rows by one statement: an INSERT and its values flow in, rows are in the table.

SQLAlchemy works out the parameters of each row anew, which for slim rows takes longer than the
database does. Here the statement is compiled once for all of them; values go through the same types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.dml import Insert


def insert_rows(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert *rows*, which all have the same columns; the columns' defaults are the database's own."""
    if not rows:
        return
    dialect = connection.dialect
    names = list(rows[0])
    compiled = statement.compile(dialect=dialect, column_keys=names)
    columns = statement.table.c
    # what the type of each column makes of a value on its way to the driver; None where that is nothing
    processors = {name: columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    if compiled.positional:
        ordered = [(name, processors[name]) for name in compiled.positiontup or ()]
        values: Any = [tuple([to(row[name]) if to else row[name] for name, to in ordered]) for row in rows]
    else:
        values = [
            {name: to(row[name]) if to else row[name] for name, to in processors.items()} for row in rows
        ]
    connection.exec_driver_sql(str(compiled), values)
