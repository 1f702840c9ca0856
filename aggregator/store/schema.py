"""Migrations: a database of any earlier release flows in, one of this release's schema out.

The steps are the files of migrations/versions, in the order of their numbers. All that are
missing run in one transaction, under a lock, so that several processes may start at once.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, text

from aggregator.child_process import run_in_child
from aggregator.errors import StoreTooNew
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.locks import lock

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Bring the database to this release's schema; quick when it is there already.

    Raises:
        StoreTooNew: a later release wrote it.
        StoreError: the database cannot be used.
    """
    with reading(engine) as connection:
        if _is_current(connection):
            return
    with writing(engine) as connection:
        lock(connection, "migrate")
        if not _is_current(connection):
            upgrade(connection, "head")


def migrate_in_child(engine: Engine) -> None:
    """Do what migrate() does in a child process, where there is something to do.

    Raises:
        StoreError: as migrate().
    """
    with reading(engine) as connection:
        is_current = _is_current(connection)
    if not is_current:
        engine.dispose()  # a forked child shares no connection
        run_in_child(_migrate, engine.url)


def _migrate(where: URL) -> None:
    engine = open_engine(where)
    migrate(engine)
    engine.dispose()


@cache
def steps() -> tuple[str, ...]:
    """Return the numbers of all migrations this release knows, oldest first."""
    names = (path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    return tuple(sorted(match[1] for name in names if (match := re.match(r"(\d{4})_", name))))


def _is_current(connection: Connection) -> bool:
    stored = _stored_step(connection)
    if stored is not None and stored not in steps():
        raise StoreTooNew(
            f"this release does not know schema {stored} of the database (its newest is {steps()[-1]}): "
            "a later release wrote it, or one before 1.0.0; install that release, or restore an older backup"
        )
    return stored == steps()[-1]


def _stored_step(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    stored: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return stored


def upgrade(connection: Connection, step: str) -> None:
    """Bring the database to a step's schema, all in the transaction of the caller."""
    # imported late: most starts have nothing to migrate, and alembic takes its time to load
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    command.upgrade(settings, step)
