"""What goes out by itself, and what is pushed to us: WebSub both ways, newsletters, webhooks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, NUMBER, BIG, FLAG, BYTES = sa.Text(), sa.Integer(), sa.BigInteger(), sa.Boolean(), sa.LargeBinary()
#: microseconds since 1970
MOMENT = BIG


def upgrade() -> None:
    create_hub()
    create_subscriptions()
    create_newsletters()
    create_webhooks()


def columns(kind: Any, *names: str, null: bool = False, **more: Any) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=null, **more) for name in names]


def reference(name: str, table: str, *, null: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, ID, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=null, **more)


def create_hub() -> None:
    op.create_table(
        "hub_topics",
        reference("feed_id", "feeds", primary_key=True, autoincrement=False),
        *columns(TEXT, "version"),
    )
    op.create_table(
        "hub_requests",
        sa.Column("id", ID, primary_key=True),
        *columns(BYTES, "identity", unique=True),
        *columns(TEXT, "host", index=True),
        *columns(TEXT, "mode", "callback", "topic", "suffix"),
        *columns(TEXT, "secret", "claim_token", null=True),
        reference("feed_id", "feeds", index=True),
        *columns(NUMBER, "lease_s", "tries"),
        *columns(MOMENT, "due_at", index=True),
        *columns(MOMENT, "claimed_until", null=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hub_subscriptions",
        sa.Column("id", ID, primary_key=True),
        *columns(BYTES, "identity", unique=True),
        *columns(TEXT, "callback", "host", "topic", "suffix", "version", "reason"),
        *columns(TEXT, "secret", "claim_token", null=True),
        reference("feed_id", "feeds", index=True),
        *columns(MOMENT, "expires_at", "claimed_until", null=True, index=True),
        *columns(MOMENT, "due_at", "delivered_at", null=True),
        *columns(NUMBER, "failures"),
        *columns(FLAG, "is_slow"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("due_at IS NOT NULL")
    op.create_index(
        *("hub_subscriptions_due", "hub_subscriptions", ["due_at", "id"]),
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def create_subscriptions() -> None:
    op.create_table(
        "push_offers",
        reference("source_id", "sources", primary_key=True, autoincrement=False),
        *columns(TEXT, "topic", "hubs"),
        *columns(FLAG, "is_planned", index=True),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", ID, primary_key=True),
        reference("source_id", "sources", index=True),
        *columns(TEXT, "callback", unique=True),
        *columns(TEXT, "topic", "hub", "secret", "state", "reason"),
        *columns(TEXT, "claim_token", null=True),
        *columns(MOMENT, "due_at", index=True),
        *columns(MOMENT, "expires_at", "delivered_at", "claimed_until", null=True),
        *columns(FLAG, "is_proven"),
        *columns(NUMBER, "failures"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "inbox",
        sa.Column("id", ID, primary_key=True),
        reference("source_id", "sources", index=True),
        *columns(TEXT, "topic", "content_type"),
        *columns(BYTES, "body"),
        sqlite_autoincrement=True,
    )


def create_newsletters() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", ID, primary_key=True),
        *columns(TEXT, "newsletter", "address", "state", "reason"),
        *columns(BYTES, "identity", unique=True),
        *columns(TEXT, "token", unique=True),
        *columns(MOMENT, "changed_at"),
        *columns(MOMENT, "asked_at", null=True),
        sqlite_autoincrement=True,
    )
    op.create_index("subscribers_newsletter", "subscribers", ["newsletter", "state"])
    op.create_table(
        "newsletter_editions",
        sa.Column("id", ID, primary_key=True),
        *columns(TEXT, "newsletter"),
        *columns(MOMENT, "due_at"),
        *columns(BIG, "since", "until"),
        sa.UniqueConstraint("newsletter", "due_at"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mailings",
        sa.Column("id", ID, primary_key=True),
        reference("edition_id", "newsletter_editions", null=True, index=True),
        reference("subscriber_id", "subscribers", index=True),
        *columns(TEXT, "state", "reason"),
        *columns(MOMENT, "due_at", null=True, index=True),
        *columns(NUMBER, "tries"),
        sa.UniqueConstraint("edition_id", "subscriber_id"),
        sqlite_autoincrement=True,
    )


def create_webhooks() -> None:
    op.create_table(
        "webhooks",
        *columns(TEXT, "slug", primary_key=True),
        reference("feed_id", "feeds", index=True),
        *columns(BIG, "told"),
        *columns(MOMENT, "told_at"),
    )
    op.create_table(
        "webhook_calls",
        sa.Column("id", ID, primary_key=True),
        sa.Column(
            "webhook", TEXT, sa.ForeignKey("webhooks.slug", ondelete="CASCADE"), nullable=False, index=True
        ),
        reference("article_id", "articles", index=True),
        *columns(MOMENT, "due_at", index=True),
        *columns(NUMBER, "tries"),
        *columns(TEXT, "reason"),
        sqlite_autoincrement=True,
    )
