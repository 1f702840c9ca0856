"""Only claimed sources stand in the index of claims: it stays small, and polls write fewer pages."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    claimed = sa.text("claimed_until IS NOT NULL")
    op.drop_index("sources_claimed", "sources")
    op.create_index(
        "sources_claimed",
        "sources",
        ["claimed_until", "host"],
        unique=False,
        sqlite_where=claimed,
        postgresql_where=claimed,
    )
