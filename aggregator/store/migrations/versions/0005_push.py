"""Push: the hub's subscribers and waiting requests, our own subscriptions, and the inbox."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_hub_topics()
    create_hub_requests()
    create_hub_subscriptions()
    create_push_offers()
    create_subscriptions()
    create_inbox()


def of(table: str, parent: str) -> sa.ForeignKeyConstraint:
    """Rows go with their feed or source."""
    column = f"{parent}_id"
    return sa.ForeignKeyConstraint(
        [column], [f"{parent}s.id"], name=f"{table}_{column}_fk", ondelete="CASCADE"
    )


def create_hub_topics() -> None:
    op.create_table(
        "hub_topics",
        sa.Column("feed_id", ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        of("hub_topics", "feed"),
        sa.PrimaryKeyConstraint("feed_id", name="hub_topics_pk"),
    )


def create_hub_requests() -> None:
    op.create_table(
        "hub_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("lease_s", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claim_token", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        of("hub_requests", "feed"),
        sa.PrimaryKeyConstraint("id", name="hub_requests_pk"),
        sa.UniqueConstraint("identity", name="hub_requests_identity_key"),
        sqlite_autoincrement=True,
    )
    for column in ("host", "feed_id", "due_at"):
        op.create_index(f"hub_requests_{column}", "hub_requests", [column], unique=False)


def create_hub_subscriptions() -> None:
    op.create_table(
        "hub_subscriptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("is_slow", sa.Boolean(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("claim_token", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        of("hub_subscriptions", "feed"),
        sa.PrimaryKeyConstraint("id", name="hub_subscriptions_pk"),
        sa.UniqueConstraint("identity", name="hub_subscriptions_identity_key"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("due_at IS NOT NULL")
    op.create_index(
        "hub_subscriptions_due",
        "hub_subscriptions",
        ["due_at", "id"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("hub_subscriptions_claimed", "hub_subscriptions", ["claimed_until"], unique=False)
    for column in ("feed_id", "expires_at"):
        op.create_index(f"hub_subscriptions_{column}", "hub_subscriptions", [column], unique=False)


def create_push_offers() -> None:
    op.create_table(
        "push_offers",
        sa.Column("source_id", ID, autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("hubs", sa.Text(), nullable=False),
        sa.Column("is_planned", sa.Boolean(), nullable=False),
        of("push_offers", "source"),
        sa.PrimaryKeyConstraint("source_id", name="push_offers_pk"),
    )
    op.create_index("push_offers_is_planned", "push_offers", ["is_planned"], unique=False)


def create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("is_proven", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("claim_token", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        of("subscriptions", "source"),
        sa.PrimaryKeyConstraint("id", name="subscriptions_pk"),
        sa.UniqueConstraint("callback", name="subscriptions_callback_key"),
        sqlite_autoincrement=True,
    )
    for column in ("source_id", "due_at"):
        op.create_index(f"subscriptions_{column}", "subscriptions", [column], unique=False)


def create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        of("inbox", "source"),
        sa.PrimaryKeyConstraint("id", name="inbox_pk"),
        sqlite_autoincrement=True,
    )
    op.create_index("inbox_source_id", "inbox", ["source_id"], unique=False)
