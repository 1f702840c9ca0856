"""What the gate remembers of articles, what became of them, and what editors decide by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    add_to_articles()
    op.add_column("applied", sa.Column("judged", sa.BigInteger(), nullable=True))
    create_events()
    create_marks()


def add_to_articles() -> None:
    for name in ("fingerprint", "past_digests", "note"):
        op.add_column("articles", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("articles", sa.Column("is_picked", sa.Boolean(), nullable=False, server_default=sa.false()))


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="events_article_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="events_pk"),
    )
    op.create_index("events_article_id", "events", ["article_id"], unique=False)


def create_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="marks_article_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="marks_pk"),
    )
    op.create_index("marks_article_id", "marks", ["article_id"], unique=False)
    op.create_index("marks_newest", "marks", ["at", "id"], unique=False)
