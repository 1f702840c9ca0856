"""Commands that keep the store: backup, restore, move, forget, doctor."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from aggregator.cli.context import Session
from aggregator.cli.health import examine
from aggregator.config.databases import check_database, resolve_database
from aggregator.errors import NotFound
from aggregator.store.articles.retention import forget as forget_articles
from aggregator.store.backup import backup as write_backup
from aggregator.store.backup import restore as read_backup
from aggregator.store.engine import open_engine
from aggregator.store.sources.states import find_source
from aggregator.store.transfer import copy_store

#: user name and password in the URL of a database
_PASSWORD = re.compile(r"(://[^:/@]*):[^@]*@")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(session: Session, file: Path) -> None:
    """Write the whole store to FILE (SQLite) while everything runs."""
    write_backup(session.engine, file.absolute(), _progress)
    _clear()
    click.echo(f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB).")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def restore(session: Session, file: Path) -> None:
    """Fill the configured, empty database from a backup FILE."""
    engine = open_engine(session.loaded.configuration.database)
    try:
        read_backup(file.absolute(), engine, _progress)
    finally:
        engine.dispose()
    _clear()
    click.echo("Restored. Ids, dates and published bytes are as they were.")


@click.command()
@click.argument("url", metavar="DATABASE_URL")
@click.pass_obj
def move(session: Session, url: str) -> None:
    """Copy the store into another, empty database (SQLite or PostgreSQL)."""
    try:
        address = resolve_database(check_database(url), Path.cwd())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    target = open_engine(address)
    try:
        rows = copy_store(session.engine, target, _progress)
    finally:
        target.dispose()
    _clear()
    click.echo(f"Copied {rows} rows. Now write this into {session.loaded.path} and start again:")
    # a path in the configuration counts from its folder, the one typed here from another
    shown = address if address.startswith("sqlite") else _PASSWORD.sub(r"\1:${DATABASE_PASSWORD}@", url)
    click.echo(f"database: {shown}")


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def forget(session: Session, name: str, yes: bool) -> None:
    """Remove every stored article of the source NAME now; they do not come back."""
    session.apply()
    with session.reading() as connection:
        state = find_source(connection, name)
    if state is None:
        raise NotFound(f"no source is called {name!r}; `aggregator sources` lists them")
    if not yes:
        click.confirm(f"Remove {state.articles} articles of {state.slug} for good?", abort=True)
    left = forget_articles(session.engine, state.source_id, datetime.now(UTC))
    click.echo(f"{left} articles of {state.slug} are gone.")


@click.command()
@click.pass_obj
def doctor(session: Session) -> None:
    """Look whether network, clock, certificates, disk and database are well, and say what to do."""
    is_well = True
    for finding in examine(session):
        is_well &= finding.is_well
        click.echo(f"{'ok  ' if finding.is_well else 'BAD '} {finding.what}")
        if finding.advice:
            click.echo(f"     {finding.advice}")
    sys.exit(0 if is_well else 1)


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} copied ", nl=False, err=True)


def _clear() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
