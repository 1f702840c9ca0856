"""What was written and read by nobody is no more; a tombstone is an identity alone, made with its source."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    with op.batch_alter_table("tombstones", table_kwargs={"sqlite_with_rowid": False}) as tombstones:
        for column in ("source_id", "published_id", "at"):
            tombstones.drop_column(column)
    for table, column in (
        ("sources", "removed_at"),
        ("inbox", "received_at"),
        ("webhook_calls", "created_at"),
    ):
        op.drop_column(table, column)
    # who a person put where is told by the members of stories
    op.drop_table("story_corrections")
