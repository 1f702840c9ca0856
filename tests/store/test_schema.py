"""Migrations, on both engines."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from aggregator.errors import StoreTooNew
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.schema import migrate, steps, upgrade
from tests.databases import Databases, differing_tables


def test_migrated_schema_is_what_the_tables_say(engine: Engine) -> None:
    assert differing_tables(engine) == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    with reading(engine) as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
    migrate(engine)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == before


def test_processes_that_start_together_migrate_once(databases: Databases, database_kind: str) -> None:
    url = databases.url(database_kind, migrated=False)
    start = (
        "import sys; from aggregator.store.engine import open_engine; "
        "from aggregator.store.schema import migrate; migrate(open_engine(sys.argv[1]))"
    )
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


def test_an_upgrade_that_is_killed_anywhere_is_made_by_the_next_start(
    databases: Databases, tmp_path: Path
) -> None:
    path = Path(databases.url("sqlite", migrated=False).removeprefix("sqlite:///"))
    engine, images = open_engine(f"sqlite:///{path}"), list[Path]()
    with writing(engine) as connection:
        upgrade(connection, "0001")
        connection.execute(text("INSERT INTO counters (name, label, total) VALUES ('polls', 'new', 7)"))

    def keep_files(*_: object) -> None:
        """Keep what a process would leave that is killed before this statement."""
        images.append(tmp_path / f"{len(images)}.db")
        for ending in ("", "-wal"):
            shutil.copy(f"{path}{ending}", f"{images[-1]}{ending}")

    event.listen(engine, "before_cursor_execute", keep_files)
    migrate(engine)
    engine.dispose()
    assert len(images) > 20
    for image in (images[0], images[len(images) // 2], images[-1]):
        left = open_engine(f"sqlite:///{image}")
        with reading(left) as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0001"
        migrate(left)
        with reading(left) as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == steps()[-1]
            assert connection.scalar(text("SELECT total FROM counters")) == 7
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
        left.dispose()


@pytest.mark.parametrize("stored", ["9999", "0017"])
def test_database_of_a_later_release_or_of_none_is_refused(
    databases: Databases, database_kind: str, stored: str
) -> None:
    engine = open_engine(databases.url(database_kind, migrated=False))
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :stored"), {"stored": stored})
    with pytest.raises(StoreTooNew, match=f"know schema {stored} .* later release .* or one before 1.0.0"):
        migrate(engine)
    engine.dispose()


def test_a_program_that_goes_on_holds_no_alembic(tmp_path: Path) -> None:
    program = (
        "import sys; from aggregator.store.engine import open_engine; "
        "from aggregator.store.schema import migrate_in_child; "
        f"engine = open_engine('sqlite:///{tmp_path}/apart.db'); migrate_in_child(engine); engine.dispose(); "
        "print('alembic' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"
