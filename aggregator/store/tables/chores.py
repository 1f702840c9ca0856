"""The tables of our own work: what was counted, and who did which chore last."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table

from aggregator.store.tables.metadata import metadata
from aggregator.store.types import Instant, Words

#: what happened so often since the store was made
counters = Table(
    "counters",
    metadata,
    Column("name", Words, primary_key=True),
    Column("label", Words, primary_key=True),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: when a chore was last taken by whichever process came first
turns = Table(
    "turns",
    metadata,
    Column("chore", Words, primary_key=True),
    Column("taken_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
