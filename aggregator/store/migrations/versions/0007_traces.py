"""What the next reading of a document needs to know of the last one."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "traces",
        sa.Column(
            "source_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("sources.id", ondelete="CASCADE", name="traces_source_id_fk"),
            autoincrement=False,
        ),
        sa.Column("trace", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="traces_pk"),
    )
