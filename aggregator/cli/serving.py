"""Commands that stay: run, worker, web.

Each is a process of its own that imports what it needs and nothing of the others: a worker holds no
web server in its memory.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aggregator.cli.context import Session
from aggregator.cli.logs import log_events
from aggregator.daemon.supervisor import end_with_parent, ignore_hangup, run_children


@click.command()
@click.option(
    "--export",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the site as files in this folder, too.",
)
@click.pass_obj
def run(session: Session, export: Path | None) -> None:
    """Run a worker and the web server together."""
    ignore_hangup()
    loaded = session.loaded
    session.put_in_force()
    session.engine.dispose()
    web = loaded.configuration.web
    click.echo(f"{loaded.configuration.site.title}: http://{web.host}:{web.port}/  (Ctrl-C ends)", err=True)
    config = ["--config", str(loaded.path)]
    files = [[*config, "export", "site", "--watch", str(export.absolute())]] if export else []
    sys.exit(run_children([[*config, "worker"], [*config, "web"], *files]))


@click.command()
@click.pass_obj
def worker(session: Session) -> None:
    """Poll what is due, until told to stop."""
    from aggregator.daemon.loop import run as run_loop
    from aggregator.daemon.worker import Worker
    from aggregator.store.engine import own_worker

    ignore_hangup()
    end_with_parent()
    log_events()
    with own_worker(session.engine):
        session.put_in_force()
        run_loop(Worker(session.engine, session.loaded).run())
    session.engine.dispose()


@click.command()
@click.pass_obj
def web(session: Session) -> None:
    """Serve pages and feeds."""
    from aggregator.web.serve import serve

    ignore_hangup()
    end_with_parent()
    log_events()
    session.put_in_force()
    session.engine.dispose()
    serve(session.loaded.configuration)
