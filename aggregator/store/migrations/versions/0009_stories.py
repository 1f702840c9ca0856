"""Stories: which articles tell the same thing, what a person corrected, and the order of the top."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_stories()
    create_story_members()
    create_story_relations()
    create_story_corrections()
    create_ranks()


def create_stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("published_id", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="stories_pk"),
    )


def create_story_members() -> None:
    op.create_table(
        "story_members",
        sa.Column("article_id", ID, autoincrement=False, nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("text_id", ID, nullable=False),
        sa.Column("link_id", ID, nullable=False),
        sa.Column("tie", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("sketch", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="story_members_article_id_fk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="story_members_story_id_fk"),
        sa.PrimaryKeyConstraint("article_id", name="story_members_pk"),
    )
    op.create_index("story_members_story_id", "story_members", ["story_id"])
    op.create_index("story_members_revision", "story_members", ["revision"])


def create_story_relations() -> None:
    op.create_table(
        "story_relations",
        sa.Column("story_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name="story_relations_story_id_fk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["stories.id"], name="story_relations_other_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "other_id", name="story_relations_pk"),
    )


def create_story_corrections() -> None:
    op.create_table(
        "story_corrections",
        sa.Column("id", ID, nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="story_corrections_pk"),
        sqlite_autoincrement=True,
    )


def create_ranks() -> None:
    op.create_table(
        "ranks",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="ranks_feed_id_fk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="ranks_article_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed_id", "article_id", name="ranks_pk"),
    )
    op.create_index("ranks_article_id", "ranks", ["article_id"])
