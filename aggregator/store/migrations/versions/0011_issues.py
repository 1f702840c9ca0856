"""Feeds whose issues are made at set times, and their issues."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("feeds", sa.Column("is_timed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "issues",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="issues_feed_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", "number", name="issues_pk"),
        sa.UniqueConstraint("feed_id", "at", name="issues_feed_id_at_key"),
        sqlite_with_rowid=False,
    )
