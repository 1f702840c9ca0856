"""Archives and live documents of feeds, what was withdrawn from them, bylines, tokens of private feeds."""

import json

import sqlalchemy as sa
import zstandard
from alembic import op

from aggregator.query.bylines import byline_slugs

revision = "0008"
down_revision = "0007"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    extend_feeds()
    extend_placements()
    create_archives()
    create_revisions()
    create_withdrawals()
    create_bylines()
    create_tokens()
    fill_bylines()


def extend_feeds() -> None:
    op.add_column("feeds", sa.Column("look", sa.Text(), nullable=False, server_default=""))
    op.add_column("feeds", sa.Column("recent_from", sa.BigInteger(), nullable=True))
    op.add_column("feeds", sa.Column("archived_to", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("feeds", sa.Column("archive_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feeds", sa.Column("span", sa.Integer(), nullable=False, server_default="50"))


def extend_placements() -> None:
    op.add_column("placements", sa.Column("touched_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE placements SET touched_at = entered_at")
    op.create_index("placements_touched", "placements", ["feed_id", "touched_at"], unique=False)
    op.create_index("placements_entered", "placements", ["feed_id", "entered"], unique=False)


def create_archives() -> None:
    op.create_table(
        "archives",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="archives_feed_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", "number", name="archives_pk"),
        sqlite_with_rowid=False,
    )


def create_revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("article_id", ID, nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("sort_date", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="revisions_article_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "replaced_at", name="revisions_pk"),
    )


def create_withdrawals() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("article_id", ID, autoincrement=False, nullable=False),
        sa.Column("published_id", sa.Text(), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="withdrawals_feed_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", "article_id", name="withdrawals_pk"),
        sqlite_with_rowid=False,
    )


def create_bylines() -> None:
    op.create_table(
        "bylines",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("sort_date", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="bylines_article_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", "article_id", name="bylines_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("bylines_article_id", "bylines", ["article_id"], unique=False)
    op.create_index("bylines_newest", "bylines", ["slug", "sort_date", "article_id"], unique=False)


def create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", ID, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="tokens_feed_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="tokens_pk"),
        sa.UniqueConstraint("hash", name="tokens_hash_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("tokens_feed_id", "tokens", ["feed_id"], unique=False)


def fill_bylines() -> None:
    """Write the names under the articles there are; a stored body is compressed JSON."""
    connection = op.get_bind()
    page = sa.text(
        "SELECT a.id, a.sort_date, b.entry FROM articles a JOIN bodies b ON b.article_id = a.id "
        "WHERE a.id > :last ORDER BY a.id LIMIT 500"
    )
    add = sa.text(
        "INSERT INTO bylines (slug, article_id, sort_date, name) "
        "VALUES (:slug, :article_id, :sort_date, :name)"
    )
    last = 0
    while rows := connection.execute(page, {"last": last}).all():
        last = rows[-1].id
        found = [
            {"slug": slug, "article_id": row.id, "sort_date": row.sort_date, "name": name}
            for row in rows
            for slug, name in byline_slugs(_names(bytes(row.entry))).items()
        ]
        if found:
            connection.execute(add, found)


def _names(stored: bytes) -> list[str]:
    entry = json.loads(zstandard.ZstdDecompressor().decompress(stored, max_output_size=1 << 28))
    return [person.get("name", "") for person in entry.get("authors", ())]
