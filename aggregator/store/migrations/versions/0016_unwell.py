"""Sources that are not simply well stand in an index of their own: how all stand is told without all rows."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    rest = "failures > 0 OR failure_kind IS NOT NULL OR last_success IS NULL"
    op.create_index(
        "sources_unwell",
        "sources",
        ["is_configured", "is_gone", "failures", "failure_kind", "last_success"],
        sqlite_where=sa.text(f"is_configured = 0 OR is_gone = 1 OR {rest}"),
        postgresql_where=sa.text(f"NOT is_configured OR is_gone OR {rest}"),
    )
