"""Migrations, on both engines."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from aggregator.errors import StoreTooNew
from aggregator.store.engine import migrate, open_engine, reading, writing
from aggregator.store.tables import metadata
from tests.databases import Databases


def test_migrated_schema_is_what_the_tables_say(engine: Engine) -> None:
    def is_ours(_thing: object, name: str | None, *_rest: object) -> bool:
        return not (name or "").startswith("article_words")

    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    with reading(engine) as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
    migrate(engine)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == before


def test_processes_that_start_together_migrate_once(databases: Databases, database_kind: str) -> None:
    url = databases.url(database_kind, migrated=False)
    start = "import sys; from aggregator.store.engine import *; migrate(open_engine(sys.argv[1]))"
    running = [
        subprocess.Popen([sys.executable, "-c", start, url], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    failures = [(process.communicate()[1], process.returncode) for process in running]
    assert [(said, code) for said, code in failures if code] == []
    engine = open_engine(url)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM articles")) == 0
    engine.dispose()


def test_database_of_a_later_release_is_refused(databases: Databases, database_kind: str) -> None:
    engine = open_engine(databases.url(database_kind, migrated=False))
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="later release"):
        migrate(engine)
    engine.dispose()
