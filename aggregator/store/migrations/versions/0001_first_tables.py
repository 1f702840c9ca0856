"""First tables: the applied configuration, sources, feeds, articles, placements, tombstones, words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_applied()
    create_sources()
    create_source_slugs()
    create_feeds()
    create_articles()
    create_bodies()
    create_tombstones()
    create_placements()
    create_article_words()


def create_applied() -> None:
    op.create_table(
        "applied",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("configuration", sa.Text(), nullable=False),
        sa.Column("look", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="applied_pk"),
    )


def create_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", ID, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("keep_s", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_configured", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("first_url", sa.Text(), nullable=False),
        sa.Column("info", sa.Text(), nullable=True),
        sa.Column("hints", sa.Text(), nullable=True),
        sa.Column("entry_count", sa.Integer(), nullable=True),
        sa.Column("imported_at", sa.BigInteger(), nullable=True),
        sa.Column("document_at", sa.BigInteger(), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("moved_url", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("validators_url", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("sighted_url", sa.Text(), nullable=True),
        sa.Column("sighted_first", sa.BigInteger(), nullable=True),
        sa.Column("sighted_last", sa.BigInteger(), nullable=True),
        sa.Column("sighted_count", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("next_why", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=True),
        sa.Column("claim_token", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.Column("last_poll", sa.BigInteger(), nullable=True),
        sa.Column("last_success", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure_kind", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="sources_pk"),
        sa.UniqueConstraint("slug", name="sources_slug_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("sources_claimed", "sources", ["claimed_until", "host"], unique=False)
    op.create_index(
        "sources_due",
        "sources",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("is_configured = 1 AND is_gone = 0"),
        postgresql_where=sa.text("is_configured AND NOT is_gone"),
    )


def create_source_slugs() -> None:
    op.create_table(
        "source_slugs",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name="source_slugs_source_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name="source_slugs_pk"),
    )
    op.create_index("source_slugs_source_id", "source_slugs", ["source_id"], unique=False)


def create_feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("source_id", ID, nullable=True),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_configured", sa.Boolean(), nullable=False),
        sa.Column("is_pending", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_entered", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="feeds_source_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="feeds_pk"),
        sa.UniqueConstraint("kind", "slug", name="feeds_kind_slug_key"),
        sa.UniqueConstraint("source_id", name="feeds_source_id_key"),
        sqlite_autoincrement=True,
    )


def create_articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("published_id", sa.Text(), nullable=False),
        sa.Column("published_hash", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("link_hash", sa.LargeBinary(), nullable=True),
        sa.Column("published", sa.BigInteger(), nullable=True),
        sa.Column("updated", sa.BigInteger(), nullable=True),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("sort_date", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("release_at", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("last_in_document", sa.BigInteger(), nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name="articles_source_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="articles_pk"),
        sa.UniqueConstraint("identity", name="articles_identity_key"),
        sa.UniqueConstraint("published_hash", name="articles_published_hash_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "articles_held",
        "articles",
        ["release_at"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index("articles_link_hash", "articles", ["link_hash"], unique=False)
    op.create_index("articles_newest", "articles", ["sort_date", "id"], unique=False)
    op.create_index("articles_of_source", "articles", ["source_id", "sort_date"], unique=False)


def create_bodies() -> None:
    op.create_table(
        "bodies",
        sa.Column("article_id", ID, autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="bodies_article_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name="bodies_pk"),
    )


def create_tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("published_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name="tombstones_source_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("identity", name="tombstones_pk"),
        sqlite_with_rowid=False,
    )


def create_placements() -> None:
    op.create_table(
        "placements",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("sort_date", sa.BigInteger(), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="placements_article_id_fk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="placements_feed_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", "article_id", name="placements_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("placements_article_id", "placements", ["article_id"], unique=False)
    op.create_index("placements_newest", "placements", ["feed_id", "sort_date", "article_id"], unique=False)


def create_article_words() -> None:
    """What search looks words up in; the words are folded and split before they come here."""
    if op.get_bind().dialect.name == "sqlite":
        # no copy of the text, no positions; every character but a blank belongs to a word
        op.execute(
            "CREATE VIRTUAL TABLE article_words USING fts5(words, content='', columnsize=0, detail=none, "
            "tokenize=\"unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'\")"
        )
        return
    op.create_table(
        "article_words",
        sa.Column(
            "article_id",
            ID,
            sa.ForeignKey("articles.id", ondelete="CASCADE", name="article_words_article_id_fk"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
    )
    op.create_index("article_words_words", "article_words", ["words"], postgresql_using="gin")
