"""Sources remember what their last document held, so that one with the same entries needs no look-up."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("sources", sa.Column("settled", sa.Text))
    op.add_column("sources", sa.Column("settled_until", sa.BigInteger))
