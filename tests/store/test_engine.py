"""Opening databases, and what is said when they cannot be used."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from aggregator.errors import StoreError
from aggregator.model import Configuration
from aggregator.store import sqlite_file
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.schema import migrate
from tests.databases import Databases
from tests.store.making import NOW, apply, arrive, entry, source

ONE_SOURCE = Configuration(sources=(source("a"),))


def test_folder_of_the_file_is_made(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a/b/c.db")
    migrate(engine)
    engine.dispose()
    assert (tmp_path / "a/b/c.db").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "no database URL"),
        ("mysql://host/name", "not supported"),
        ("sqlite://", "needs a file"),
        ("sqlite:////proc/nowhere/x.db", "cannot be"),
        ("postgresql://nobody@127.0.0.1:1/none", "is PostgreSQL running"),
    ],
)
def test_unusable_url_is_told_in_one_sentence(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        open_engine(url)
    assert "\n" not in str(caught.value)


def test_password_is_never_said() -> None:
    with pytest.raises(StoreError) as caught:
        open_engine("postgresql://user:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)


def test_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear reader, " * 500)
    with pytest.raises(StoreError, match="not an SQLite database"):
        open_engine(f"sqlite:///{path}")


def test_too_old_sqlite_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(StoreError, match="too old"):
        open_engine(f"sqlite:///{tmp_path}/x.db")


def test_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"feed-aggregator\[postgres\]"):
        open_engine("postgresql://127.0.0.1/x")


def test_writer_that_waits_too_long_is_told(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_MS", 50)
    other = open_engine(sqlite_engine.url.render_as_string())

    def write() -> None:
        with writing(other):
            pass

    with writing(sqlite_engine), pytest.raises(StoreError, match="locked"):
        write()
    other.dispose()


def test_reader_sees_one_state_while_a_writer_works(engine: Engine) -> None:
    count = text("SELECT count(*) FROM feeds")
    add = text(
        "INSERT INTO feeds (kind, slug, uid, position, is_configured, is_pending, version, last_entered) "
        "VALUES ('feed', 'x', 'u', 0, true, false, 'v', 0)"
    )
    with reading(engine) as before:
        assert before.scalar(count) == 0
        with writing(engine) as connection:
            connection.execute(add)
        assert before.scalar(count) == 0
    with reading(engine) as after:
        assert after.scalar(count) == 1


WRITE = """
import sys
from aggregator.store.engine import open_engine, writing
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
engine = open_engine(sys.argv[1])
for number in range(60):
    with writing(engine) as connection:
        connection.execute(text("UPDATE sources SET failures = failures + 1"))
"""


def test_processes_that_write_at_once_lose_nothing(engine: Engine, database_url: str) -> None:
    from aggregator.model import Configuration
    from tests.store.making import source

    apply(engine, Configuration(sources=(source("Paper"),)), NOW)
    running = [
        subprocess.Popen([sys.executable, "-c", WRITE, database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for number in range(20):
        arrive(engine, "paper", entry(f"k{number}"))
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    with reading(engine) as connection:
        # a success between two of theirs sets the count back; the articles tell of our own writes
        assert connection.scalar(text("SELECT count(*) FROM articles")) == 20


def test_a_file_that_was_taken_away_is_not_written_and_one_in_its_place_is(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/var/paper.db")
    migrate(engine)
    apply(engine, ONE_SOURCE)
    path, away = tmp_path / "var", tmp_path / "away"
    path.rename(away)
    for hold in (reading, writing):
        with pytest.raises(StoreError, match="is gone"), hold(engine):
            pass
    path.mkdir()
    with pytest.raises(StoreError, match="is gone"), writing(engine):
        pass
    assert list(path.iterdir()) == []
    (path / "paper.db").write_bytes((away / "paper.db").read_bytes())
    (path / "paper.db-wal").write_bytes((away / "paper.db-wal").read_bytes())
    with writing(engine) as connection:
        connection.execute(text("UPDATE sources SET name = 'back'"))
    engine.dispose()
    with sqlite3.connect(path / "paper.db") as other:
        assert other.execute("SELECT name FROM sources").fetchall() == [("back",)]
    other.close()


@pytest.mark.parametrize("endings", [("-shm",), ("-wal", "-shm")], ids=" ".join)
def test_after_a_clean_up_of_what_sqlite_keeps_beside_it_writers_still_see_each_other(
    tmp_path: Path, endings: tuple[str, ...]
) -> None:
    url = f"sqlite:///{tmp_path}/paper.db"
    engine = open_engine(url)
    migrate(engine)
    apply(engine, ONE_SOURCE)
    with reading(engine), reading(engine):
        pass  # two connections stay open
    for ending in endings:
        (tmp_path / f"paper.db{ending}").unlink()
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM sources")) == 1, "nothing is lost"
    program = "import sys; from aggregator.store.engine import *; exec(sys.argv[2])"
    wait = "with writing(open_engine(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, url, wait]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as other:
        assert other.stdout.readline() == "held\n"
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=50")
            connection.rollback()
            connection.execution_options(aggregator_begin="BEGIN IMMEDIATE")
            with pytest.raises(OperationalError, match="locked"):
                connection.begin()
        other.stdin.close()
    engine.dispose()


def test_the_log_is_cut_back_once_a_long_reader_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.store.sqlite_file.WAL_BYTES", 200_000)
    monkeypatch.setattr("aggregator.store.sqlite_file.WAL_PAGES", 1000)
    engine = open_engine(f"sqlite:///{tmp_path / 'log.db'}")
    log = tmp_path / "log.db-wal"

    def write(megabytes: int) -> None:
        for _ in range(megabytes * 10):
            with writing(engine) as connection:
                connection.execute(text("UPDATE pile SET what = randomblob(100000)"))

    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE pile (what BLOB)"))
        connection.execute(text("INSERT INTO pile VALUES (randomblob(100000))"))
    write(12)
    unread = log.stat().st_size
    with reading(engine) as connection:
        connection.execute(text("SELECT count(*) FROM pile")).one()
        write(12)
        kept = log.stat().st_size
    write(12)
    assert unread < 8_000_000 < kept  # whoever reads keeps the log, and nobody else does
    assert log.stat().st_size < 8_000_000
    engine.dispose()


def test_what_a_user_may_not_do_is_told(databases: Databases) -> None:
    url = databases.url("postgresql")
    engine = open_engine(url)
    with writing(engine) as connection:
        make = "BEGIN CREATE ROLE passer_by; EXCEPTION WHEN duplicate_object THEN NULL; END"
        connection.execute(text(f"DO $$ {make} $$"))
    engine.dispose()
    weak = open_engine(f"{url}{'&' if '?' in url else '?'}options=-c%20role%3Dpasser_by")
    with pytest.raises(StoreError, match="does not let this user work"):
        migrate(weak)
    weak.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_tables_of_another_program_are_told_and_left_alone(databases: Databases, kind: str) -> None:
    engine = open_engine(databases.url(kind, migrated=False))
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE articles (number integer)"))
    with pytest.raises(StoreError, match="holds tables of another program"):
        migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT number FROM articles")).all() == []
    engine.dispose()


def test_a_disk_that_is_full_is_told_whatever_sqlite_says_of_it(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.store.failures.shutil.disk_usage", lambda _: Mock(free=1_000_000))
    with pytest.raises(StoreError, match="is full; make room"), writing(sqlite_engine):
        raise OperationalError(None, None, sqlite3.OperationalError("disk I/O error"))
