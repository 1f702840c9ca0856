"""What comes in and what is made of it: sources, articles, stories, feeds, and the work that all this is."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, NUMBER, BIG, FLAG, BYTES = sa.Text(), sa.Integer(), sa.BigInteger(), sa.Boolean(), sa.LargeBinary()
#: microseconds since 1970
MOMENT = BIG


def upgrade() -> None:
    create_configuration()
    create_sources()
    create_sites()
    create_articles()
    create_article_words()
    create_decisions()
    create_page_texts()
    create_stories()
    create_feeds()
    create_placements()
    create_archives()
    create_chores()


def columns(kind: Any, *names: str, null: bool = False, **more: Any) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=null, **more) for name in names]


def key(*names: str, kind: Any = TEXT) -> list[sa.Column[Any]]:
    return columns(kind, *names, primary_key=True, autoincrement=False)


def reference(name: str, table: str, *, null: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, ID, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=null, **more)


def index(name: str, table: str, *of: str, sqlite: str, postgres: str) -> None:
    """An index of some rows."""
    op.create_index(name, table, of, sqlite_where=sa.text(sqlite), postgresql_where=sa.text(postgres))


def create_configuration() -> None:
    op.create_table(
        "applied",
        *key("id", kind=NUMBER),
        *columns(TEXT, "digest", "host", "configuration", "look"),
        *columns(MOMENT, "at"),
        *columns(BIG, "judged", null=True),
    )
    op.create_table(
        "source_lists",
        *key("place"),
        *columns(BYTES, "body", null=True),
        *columns(TEXT, "digest", "etag", "last_modified", "validators_url", "reason", null=True),
        *columns(MOMENT, "checked_at"),
        *columns(MOMENT, "read_at", null=True),
    )


def create_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", ID, primary_key=True),
        *columns(TEXT, "slug", unique=True),
        *columns(TEXT, "url", "settings", "place", "first_url", "host", "next_why"),
        *columns(TEXT, "name", "handle", "info", "hints", "settled", "moved_url", null=True),
        *columns(TEXT, "etag", "last_modified", "validators_url", "body_hash", "rhythm", null=True),
        *columns(TEXT, "sighted_url", "sighted_by", "claim_token", "failure_kind", "reason", null=True),
        *columns(BIG, "keep_s"),
        *columns(NUMBER, "position", "sighted_count", "failures"),
        *columns(NUMBER, "entry_count", null=True),
        *columns(FLAG, "reads_pages", "is_configured", "is_gone"),
        *columns(MOMENT, "added_at", "due_at"),
        *columns(MOMENT, "imported_at", "document_at", "settled_until", "not_before", null=True),
        *columns(MOMENT, "sighted_first", "sighted_last", "claimed_until", null=True),
        *columns(MOMENT, "last_poll", "last_success", null=True),
        *columns(sa.Float(), "late_s", null=True),
        sqlite_autoincrement=True,
    )
    pollable = {"sqlite": "is_configured = 1 AND is_gone = 0", "postgres": "is_configured AND NOT is_gone"}
    index("sources_due", "sources", "due_at", "id", **pollable)
    claimed = "claimed_until IS NOT NULL"
    index("sources_claimed", "sources", "claimed_until", "host", sqlite=claimed, postgres=claimed)
    rest = "failures > 0 OR failure_kind IS NOT NULL OR last_success IS NULL"
    index(
        *("sources_unwell", "sources", "is_configured", "is_gone", "failures", "failure_kind"),
        "last_success",
        sqlite=f"is_configured = 0 OR is_gone = 1 OR {rest}",
        postgres=f"NOT is_configured OR is_gone OR {rest}",
    )
    op.create_table("source_slugs", *key("slug"), reference("source_id", "sources", index=True))
    op.create_table(
        "traces",
        reference("source_id", "sources", primary_key=True, autoincrement=False),
        *columns(BYTES, "trace"),
    )
    op.create_table(
        "problems",
        sa.Column("id", ID, primary_key=True),
        *columns(TEXT, "subject", "kind", "uid", "title", "text"),
        *columns(MOMENT, "opened_at", "changed_at"),
        *columns(MOMENT, "closed_at", null=True),
        sqlite_autoincrement=True,
    )
    op.create_index("problems_of_subject", "problems", ["subject", "kind"])
    op.create_index("problems_newest", "problems", ["changed_at", "id"])


def create_sites() -> None:
    op.create_table(
        "hosts",
        *key("name"),
        *columns(MOMENT, "free_at", "not_before", null=True),
        *columns(TEXT, "why", null=True),
    )
    op.create_table(
        "ledger",
        *key("day", kind=NUMBER),
        *key("name"),
        *columns(BIG, "polls", "requests", "not_modified", "bytes", "waits", "refusals", "failures"),
    )
    op.create_table("robots", *key("origin"), *columns(MOMENT, "until"), *columns(TEXT, "state", "text"))


def create_articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", ID, primary_key=True),
        reference("source_id", "sources"),
        *columns(BYTES, "identity", "published_hash", unique=True),
        *columns(BYTES, "link_hash", null=True, index=True),
        *columns(TEXT, "key", "published_id", "state", "reason", "digest", "topics"),
        *columns(TEXT, "fingerprint", "past_digests"),
        *columns(TEXT, "link", "language", null=True),
        *columns(MOMENT, "first_seen", "changed_at", "sort_date", "last_in_document"),
        *columns(MOMENT, "published", "updated", "release_at", null=True),
        *columns(NUMBER, "edits"),
        *columns(FLAG, "is_picked", server_default=sa.false()),
        *columns(TEXT, "note", server_default=""),
        sqlite_autoincrement=True,
    )
    op.create_index("articles_newest", "articles", ["sort_date", "id"])
    op.create_index("articles_of_source", "articles", ["source_id", "sort_date"])
    held = "state = 'held'"
    index("articles_held", "articles", "release_at", sqlite=held, postgres=held)
    op.create_table(
        "bodies",
        reference("article_id", "articles", primary_key=True, autoincrement=False),
        *columns(BYTES, "entry"),
    )
    op.create_table("tombstones", *key("identity", kind=BYTES), sqlite_with_rowid=False)


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
        reference("article_id", "articles", primary_key=True, autoincrement=False),
        *columns(postgresql.TSVECTOR(), "words"),
    )
    op.create_index("article_words_words", "article_words", ["words"], postgresql_using="gin")


def create_decisions() -> None:
    op.create_table(
        "events",
        sa.Column("id", ID, primary_key=True),
        reference("article_id", "articles", index=True),
        *columns(MOMENT, "at"),
        *columns(TEXT, "what"),
    )
    op.create_table(
        "marks",
        sa.Column("id", ID, primary_key=True),
        reference("article_id", "articles", index=True),
        *columns(TEXT, "kind", "words", "who", "before"),
        *columns(MOMENT, "at"),
        *columns(MOMENT, "undone_at", null=True),
        *columns(TEXT, "undone_by", null=True),
    )
    op.create_index("marks_newest", "marks", ["at", "id"])


def create_page_texts() -> None:
    op.create_table(
        "page_texts",
        reference("article_id", "articles", primary_key=True, autoincrement=False),
        *columns(BYTES, "link_hash"),
        *columns(BYTES, "body", null=True),
        *columns(TEXT, "host", "reason"),
        *columns(MOMENT, "due_at", "fetched_at", null=True),
        *columns(NUMBER, "tries", "words"),
    )
    waiting = "due_at IS NOT NULL"
    index("page_texts_due", "page_texts", "due_at", sqlite=waiting, postgres=waiting)


def create_stories() -> None:
    op.create_table(
        "stories",
        *key("id", kind=ID),
        *columns(TEXT, "published_id", null=True),
        *columns(MOMENT, "opened_at"),
    )
    op.create_table(
        "story_members",
        reference("article_id", "articles", primary_key=True, autoincrement=False),
        sa.Column("story_id", ID, sa.ForeignKey("stories.id"), nullable=False, index=True),
        *columns(ID, "text_id", "link_id"),
        *columns(TEXT, "tie", "outlet", "sketch"),
        *columns(TEXT, "link", null=True),
        *columns(NUMBER, "score"),
        *columns(MOMENT, "at"),
        *columns(BIG, "revision", index=True),
    )
    op.create_table(
        "story_relations",
        *(reference(name, "stories", primary_key=True) for name in ("story_id", "other_id")),
        *columns(NUMBER, "score"),
    )


def create_feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", ID, primary_key=True),
        *columns(TEXT, "kind", "slug", "uid", "version"),
        reference("source_id", "sources", null=True, unique=True),
        *columns(TEXT, "settings", null=True),
        *columns(NUMBER, "position"),
        *columns(FLAG, "is_configured", "is_pending"),
        *columns(BIG, "last_entered"),
        *columns(MOMENT, "changed_at", "recent_from", null=True),
        *columns(TEXT, "look", server_default=""),
        *columns(BIG, "archived_to", server_default="0"),
        *columns(NUMBER, "archive_count", server_default="0"),
        *columns(NUMBER, "span", server_default="50"),
        *columns(FLAG, "is_timed", server_default=sa.false()),
        sa.UniqueConstraint("kind", "slug"),
        sqlite_autoincrement=True,
    )
    made, of_source = "source_id IS NULL", "source_id IS NOT NULL"
    index("feeds_made", "feeds", "id", sqlite=made, postgres=made)
    index("feeds_changed", "feeds", "changed_at", "id", sqlite=of_source, postgres=of_source)
    op.create_table(
        "tokens",
        sa.Column("id", ID, primary_key=True),
        reference("feed_id", "feeds", index=True),
        *columns(TEXT, "name"),
        *columns(BYTES, "hash", unique=True),
        *columns(MOMENT, "made_at"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "bylines",
        *key("slug"),
        reference("article_id", "articles", primary_key=True, index=True),
        *columns(MOMENT, "sort_date"),
        *columns(TEXT, "name"),
        sqlite_with_rowid=False,
    )
    op.create_index("bylines_newest", "bylines", ["slug", "sort_date", "article_id"])


def create_placements() -> None:
    op.create_table(
        "placements",
        reference("feed_id", "feeds", primary_key=True),
        reference("article_id", "articles", primary_key=True, index=True),
        *columns(BIG, "entered"),
        *columns(MOMENT, "sort_date", "entered_at", "touched_at"),
        *columns(TEXT, "why"),
        sqlite_with_rowid=False,
    )
    op.create_index("placements_touched", "placements", ["feed_id", "touched_at"])
    op.create_index("placements_entered", "placements", ["feed_id", "entered"])
    op.create_index("placements_newest", "placements", ["feed_id", "sort_date", "article_id"])
    op.create_table(
        "ranks",
        reference("feed_id", "feeds", primary_key=True),
        reference("article_id", "articles", primary_key=True, index=True),
        *columns(NUMBER, "position"),
        *columns(TEXT, "why"),
    )


def create_archives() -> None:
    op.create_table(
        "archives",
        reference("feed_id", "feeds", primary_key=True),
        *key("number", kind=NUMBER),
        *columns(BIG, "first", "last"),
        *columns(MOMENT, "closed_at", "changed_at"),
        *columns(NUMBER, "changes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revisions",
        reference("article_id", "articles", primary_key=True),
        *columns(MOMENT, "replaced_at", primary_key=True),
        *columns(MOMENT, "changed_at", "sort_date"),
        *columns(BYTES, "entry"),
    )
    op.create_table(
        "withdrawals",
        reference("feed_id", "feeds", primary_key=True),
        *key("article_id", kind=ID),
        *columns(TEXT, "published_id"),
        *columns(BIG, "entered"),
        *columns(MOMENT, "at"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "issues",
        reference("feed_id", "feeds", primary_key=True),
        *key("number", kind=NUMBER),
        *columns(TEXT, "uid"),
        *columns(MOMENT, "since", "at"),
        *columns(BIG, "first", "last"),
        sa.UniqueConstraint("feed_id", "at"),
        sqlite_with_rowid=False,
    )


def create_chores() -> None:
    op.create_table("counters", *key("name", "label"), *columns(BIG, "total"), sqlite_with_rowid=False)
    op.create_table("turns", *key("chore"), *columns(MOMENT, "taken_at"), sqlite_with_rowid=False)
