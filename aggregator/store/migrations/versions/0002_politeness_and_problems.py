"""One budget for each site, a ledger of what we asked, and problems as stored events."""

import sqlalchemy as sa
from alembic import op

from aggregator.http.groups import group_of

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_hosts()
    create_ledger()
    create_problems()
    extend_sources()
    regroup_sources()


def create_hosts() -> None:
    op.create_table(
        "hosts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=True),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="hosts_pk"),
    )


def create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("polls", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("not_modified", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("waits", sa.BigInteger(), nullable=False),
        sa.Column("refusals", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "name", name="ledger_pk"),
    )


def create_problems() -> None:
    op.create_table(
        "problems",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="problems_pk"),
        sqlite_autoincrement=True,
    )
    op.create_index("problems_of_subject", "problems", ["subject", "kind"])
    op.create_index("problems_newest", "problems", ["changed_at", "id"])


def extend_sources() -> None:
    op.add_column("sources", sa.Column("sighted_by", sa.Text(), nullable=True))
    op.add_column("sources", sa.Column("late_s", sa.Float(), nullable=True))


def regroup_sources() -> None:
    """Name the group of each source in ``host``, where the bare host stood."""
    sources = sa.table(
        "sources", sa.column("id"), sa.column("url"), sa.column("moved_url"), sa.column("host")
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(sources.c.id, sources.c.url, sources.c.moved_url)).all()
    for row in rows:
        group = group_of(row.moved_url or row.url)
        connection.execute(sources.update().where(sources.c.id == row.id).values(host=group))
