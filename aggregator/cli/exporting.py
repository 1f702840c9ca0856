"""The export command: the whole site as files for any web server."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import clear_progress, counted, counting, say

#: seconds between two looks whether something is new
WATCH_S = 5.0


@click.group()
def export() -> None:
    """Write what is published as files."""


@export.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--watch", is_flag=True, help="Stay, and write again whenever something published changes.")
@click.pass_obj
def site(session: Session, folder: Path, watch: bool) -> None:
    """Write the whole site: pages, feeds, lists, compressed copies. Only what changed is written again."""
    from aggregator.store.engine import reading
    from aggregator.store.feeds.versions import load_publication
    from aggregator.web.app import create_app
    from aggregator.web.export import export_site

    app = create_app(session.engine, settings=session.loaded.configuration)
    stop = threading.Event()
    if watch:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    before = None
    while not stop.is_set():
        with reading(session.engine) as connection:
            stamp = load_publication(connection).stamp
        if stamp != before:
            done = export_site(app, folder, counting("files"))
            clear_progress()
            files = counted(done.written, "file")
            say(f"{folder}: {files} written, {done.unchanged} unchanged, {done.removed} removed")
            before = stamp
        if not watch:
            break
        stop.wait(WATCH_S)
    session.engine.dispose()
