"""Newsletters with their readers, and webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_subscribers()
    create_mailings()
    create_webhooks()


def create_subscribers() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", ID, nullable=False),
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="subscribers_pk"),
        sa.UniqueConstraint("identity", name="subscribers_identity_key"),
        sa.UniqueConstraint("token", name="subscribers_token_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("subscribers_newsletter", "subscribers", ["newsletter", "state"], unique=False)


def create_mailings() -> None:
    op.create_table(
        "newsletter_editions",
        sa.Column("id", ID, nullable=False),
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="newsletter_editions_pk"),
        sa.UniqueConstraint("newsletter", "due_at", name="newsletter_editions_newsletter_due_at_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mailings",
        sa.Column("id", ID, nullable=False),
        sa.Column("edition_id", ID, nullable=True),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["newsletter_editions.id"], name="mailings_edition_id_fk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="mailings_subscriber_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="mailings_pk"),
        sa.UniqueConstraint("edition_id", "subscriber_id", name="mailings_edition_id_subscriber_id_key"),
        sqlite_autoincrement=True,
    )
    for column in ("edition_id", "subscriber_id", "due_at"):
        op.create_index(f"mailings_{column}", "mailings", [column], unique=False)


def create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="webhooks_feed_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slug", name="webhooks_pk"),
    )
    op.create_index("webhooks_feed_id", "webhooks", ["feed_id"], unique=False)
    op.create_table(
        "webhook_calls",
        sa.Column("id", ID, nullable=False),
        sa.Column("webhook", sa.Text(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook"], ["webhooks.slug"], name="webhook_calls_webhook_fk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="webhook_calls_article_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="webhook_calls_pk"),
        sqlite_autoincrement=True,
    )
    for column in ("webhook", "article_id", "due_at"):
        op.create_index(f"webhook_calls_{column}", "webhook_calls", [column], unique=False)
