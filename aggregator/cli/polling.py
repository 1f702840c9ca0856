"""The poll command: ask sources now, and return when their answers are stored."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from aggregator.cli.context import Session, need_temporary_folder
from aggregator.daemon.loop import run
from aggregator.daemon.poller import CLAIM_S, PARSE_WORKERS, Poller
from aggregator.errors import NotFound
from aggregator.http import user_agent
from aggregator.http.client import Client
from aggregator.lists import refresh_lists
from aggregator.model import Claim, Failed, Fetched, Gone
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline import Polled, rules_in_force
from aggregator.store.articles.listing import Saved
from aggregator.store.engine import reading, writing
from aggregator.store.sources.claims import claim_sources, release_dead
from aggregator.store.sources.states import find_source


class Tally:
    """What a run of polls brought; shown while it goes on and at the end."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = self.new = self.changed = 0
        self.failed: list[Polled] = []

    def add(self, batch: Sequence[Polled], saved: Saved) -> None:
        self.done += len(batch)
        self.new += len(saved.new)
        self.changed += len(saved.changed)
        self.failed += [polled for polled in batch if isinstance(polled.outcome, Failed | Gone)]
        if sys.stderr.isatty():
            click.echo(f"\r{self.done}/{self.total} polled, {self.new} new articles ", nl=False, err=True)

    def report(self) -> None:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)
        for polled in self.failed:
            outcome = polled.outcome
            assert not isinstance(outcome, Fetched)
            click.echo(f"{polled.claim.slug}: {getattr(outcome, 'reason', '')}", err=True)
        click.echo(
            f"{self.done} polled, {self.done - len(self.failed)} answered, {len(self.failed)} failed; "
            f"{self.new} new articles, {self.changed} changed."
        )


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--all", "everything", is_flag=True, help="Everything once, but what asked us to wait or is gone."
)
@click.pass_obj
def poll(session: Session, names: tuple[str, ...], everything: bool) -> None:
    """Poll what is due, the sources NAMEd (name, slug, id or URL), or all."""
    need_temporary_folder()
    if session.loaded.configuration.lists:
        run(_refresh_lists(session))
    session.apply()
    claims = _claim(session, names, everything)
    tally = Tally(len(claims))
    if claims:
        run(_poll(session, claims, tally))
    elif names:
        click.echo(
            "Nothing polled: the publisher asked us to wait, the source is gone, or it is being polled."
        )
    tally.report()
    sys.exit(1 if names and tally.failed else 0)


def _claim(session: Session, names: Sequence[str], everything: bool) -> tuple[Claim, ...]:
    ids = [_find(session, name) for name in names] or None
    respect_due = not (names or everything)
    with writing(session.engine) as connection:
        release_dead(connection, is_alone=False)  # what a run before us left behind when it was killed
        return claim_sources(
            connection, ids, datetime.now(UTC), seconds=CLAIM_S * 10, respect_due=respect_due
        )


def _find(session: Session, name: str) -> int:
    with reading(session.engine) as connection:
        state = find_source(connection, name)
    if state is None:
        raise NotFound(f"no source is called {name!r}; `aggregator sources` lists them")
    return state.source_id


async def _refresh_lists(session: Session) -> None:
    """Ask for the lists of sources that are due, so that theirs are polled too."""
    configuration = session.loaded.configuration
    async with Client(
        configuration.fetch, user_agent=user_agent(configuration.fetch, configuration.site)
    ) as client:
        await refresh_lists(session.engine, configuration.lists, client, datetime.now(UTC))


async def _poll(session: Session, claims: Sequence[Claim], tally: Tally) -> None:
    configuration = session.loaded.configuration
    sandbox = Sandbox(workers=PARSE_WORKERS, markup=configuration.markup)
    try:
        async with Client(
            configuration.fetch, user_agent=user_agent(configuration.fetch, configuration.site)
        ) as client:
            poller = Poller(
                session.engine,
                rules_in_force(session.loaded.digest, configuration),
                client,
                sandbox,
                fetching=configuration.fetch,
                on_saved=tally.add,
            )
            try:
                poller.start(claims)
                await poller.finish()
            finally:
                await poller.drain(0)
    finally:
        sandbox.close()
