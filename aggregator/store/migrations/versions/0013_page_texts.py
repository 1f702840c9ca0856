"""Full texts of articles, read from their own pages, and the robots.txt of those sites."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "sources", sa.Column("reads_pages", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    create_page_texts()
    op.create_table(
        "robots",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="robots_pk"),
    )


def create_page_texts() -> None:
    op.create_table(
        "page_texts",
        sa.Column("article_id", ID, autoincrement=False, nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="page_texts_article_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name="page_texts_pk"),
    )
    waiting = sa.text("due_at IS NOT NULL")
    op.create_index(
        "page_texts_due", "page_texts", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )
