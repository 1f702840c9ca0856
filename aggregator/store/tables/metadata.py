"""What all tables share: their collection with its names for constraints, ids and references to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
    }
)

#: SQLite counts rows in INTEGER only
Id = BigInteger().with_variant(Integer(), "sqlite")


def reference(name: str, table: str, **more: Any) -> Column[int]:
    """Return a column that holds the id of a row of *table*; what refers to a row goes with it."""
    return Column(name, Id, ForeignKey(f"{table}.id", ondelete="CASCADE"), **more)
