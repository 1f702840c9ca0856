"""Commands that stay: run, worker, web.

Each imports what it needs and nothing of the others: a worker holds no web server in its memory.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from aggregator.cli.context import Session, need_temporary_folder
from aggregator.cli.logs import log_events, logging_settings
from aggregator.cli.terminal import say
from aggregator.daemon.supervisor import ignore_hangup, run_children


@click.command()
@click.option(
    "--export",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the site as files in this folder, too.",
)
@click.pass_context
def run(context: click.Context, export: Path | None) -> None:
    """Run a worker and the web server together."""
    session: Session = context.obj
    _stay(session)
    session.put_in_force()
    session.engine.dispose()
    site, at = session.loaded.configuration.site, session.loaded.configuration.web
    if not session.is_json:  # a program reads what is said
        say(f"{site.title}: http://{at.host}:{at.port}/  (Ctrl-C ends)", err=True)
    works = {"worker": partial(context.invoke, worker), "web": partial(context.invoke, web)}
    if export:
        works["export"] = partial(_keep_files, context, export)
    sys.exit(run_children(works))


@click.command()
@click.pass_obj
def worker(session: Session) -> None:
    """Poll what is due, until told to stop."""
    _stay(session)
    from aggregator.daemon.loop import run as run_loop
    from aggregator.daemon.worker import Worker
    from aggregator.store.only_worker import own_worker

    log_events()
    with own_worker(session.engine) as say_ending:
        session.put_in_force()
        run_loop(Worker(session.engine, session.loaded, say_ending).run())
    session.engine.dispose()


@click.command()
@click.pass_obj
def web(session: Session) -> None:
    """Serve pages and feeds; on a replica of the database, by the configuration in force there."""
    _stay(session)
    from aggregator.store.engine import is_replica
    from aggregator.web.serve import serve

    log_events()
    if not is_replica(session.engine):
        session.put_in_force()
    session.engine.dispose()
    serve(session.loaded.configuration, logging_settings(as_json=session.is_json))


def _stay(session: Session) -> None:
    """Make ready for a life of months; a child reads the configuration while the rest is imported."""
    ignore_hangup()
    need_temporary_folder()
    session.begin_loading()


def _keep_files(context: click.Context, folder: Path) -> None:
    from aggregator.cli.exporting import site

    context.invoke(site, folder=folder, watch=True)
