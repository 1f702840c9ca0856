"""For a hundred thousand sources: which of their feeds changed last, and whose turn a chore is."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    of_source, made = sa.text("source_id IS NOT NULL"), sa.text("source_id IS NULL")
    op.create_index("feeds_made", "feeds", ["id"], unique=False, sqlite_where=made, postgresql_where=made)
    op.create_index(
        "feeds_changed",
        "feeds",
        ["changed_at", "id"],
        unique=False,
        sqlite_where=of_source,
        postgresql_where=of_source,
    )
    op.create_table(
        "turns",
        sa.Column("chore", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chore", name="turns_pk"),
        sqlite_with_rowid=False,
    )
