"""Commands that keep the store: backup, restore, move, forget."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import clear_progress, counted, counting, say
from aggregator.config.databases import check_database, resolve_database
from aggregator.store.articles.retention import forget as forget_articles
from aggregator.store.backup import backup as write_backup
from aggregator.store.backup import restore as read_backup
from aggregator.store.engine import open_engine
from aggregator.store.only_worker import own_worker
from aggregator.store.transfer import copy_store

#: user name and password in the URL of a database
_PASSWORD = re.compile(r"(://[^:/@]*):[^@]*@")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(session: Session, file: Path) -> None:
    """Write the whole store to FILE (SQLite) while everything runs."""
    write_backup(session.engine, file.absolute(), counting("copied"))
    clear_progress()
    say(f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB).")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def restore(session: Session, file: Path) -> None:
    """Fill the configured, empty database from a backup FILE."""
    engine = open_engine(session.loaded.configuration.database)
    try:
        read_backup(file.absolute(), engine, counting("copied"))
    finally:
        engine.dispose()
    clear_progress()
    say("Restored. Ids, dates and published bytes are as they were.")


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
        # what a worker stores meanwhile would stay behind
        with own_worker(session.engine):
            rows = copy_store(session.engine, target, counting("copied"))
    finally:
        target.dispose()
    clear_progress()
    say(f"Copied {counted(rows, 'row')}. Now write this into {session.loaded.path} and start again:")
    # a path in the configuration counts from its folder, the one typed here from another
    shown = address if address.startswith("sqlite") else _PASSWORD.sub(r"\1:${DATABASE_PASSWORD}@", url)
    say(f"database: {shown}")


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def forget(session: Session, name: str, yes: bool) -> None:
    """Remove every stored article of the source NAME now; they do not come back."""
    session.apply()
    state = session.get_source(name)
    count = counted(state.articles, "article")
    if not yes and not click.confirm(f"Remove {count} of {state.slug} for good?"):
        raise click.ClickException("nothing was removed")
    left = forget_articles(session.engine, state.source_id, datetime.now(UTC))
    say(f"{counted(left, 'article')} of {state.slug} {'is' if left == 1 else 'are'} gone.")
