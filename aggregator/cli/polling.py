"""The poll command: ask sources now, and return when their answers are stored."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from aggregator.cli.context import Session, need_temporary_folder
from aggregator.cli.terminal import clear_progress, counted, say, show_progress
from aggregator.cli.trying import client_for
from aggregator.daemon.intake import Intake
from aggregator.daemon.loop import run
from aggregator.daemon.poller import CLAIM_S, PARSE_WORKERS, Poller, utc_now
from aggregator.daemon.storethread import StoreThread
from aggregator.model import Claim, Failed, Fetched, Gone
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.editing import release_due
from aggregator.pipeline.intake import rules_in_force
from aggregator.pipeline.lists import refresh_lists
from aggregator.store.articles.saving import Saved
from aggregator.store.engine import writing
from aggregator.store.sources.claims import claim_sources, release_dead


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
        show_progress(f"{self.done}/{self.total} polled, {counted(self.new, 'new article')}")

    def report(self) -> None:
        clear_progress()
        for polled in self.failed:
            outcome = polled.outcome
            assert not isinstance(outcome, Fetched)
            say(f"{polled.claim.slug}: {getattr(outcome, 'reason', '')}", err=True)
        say(
            f"{self.done} polled, {self.done - len(self.failed)} answered, {len(self.failed)} failed; "
            f"{counted(self.new, 'new article')}, {self.changed} changed."
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
    if count := release_due(session.engine, datetime.now(UTC)):
        say(f"{counted(count, 'held article')} went out.")
    claims = _claim(session, names, everything)
    tally = Tally(len(claims))
    if claims:
        run(_poll(session, claims, tally))
    elif names:
        say("Nothing polled: the publisher asked us to wait, it was removed, or it is being polled.")
    tally.report()
    sys.exit(1 if names and tally.failed else 0)


def _claim(session: Session, names: Sequence[str], everything: bool) -> tuple[Claim, ...]:
    ids = [session.get_source(name).source_id for name in names] or None
    respect_due = not (names or everything)
    with writing(session.engine) as connection:
        release_dead(connection, is_alone=False)  # what a run before us left behind when it was killed
        return claim_sources(
            connection, ids, datetime.now(UTC), seconds=CLAIM_S * 10, respect_due=respect_due
        )


async def _refresh_lists(session: Session) -> None:
    """Ask for the lists of sources that are due, so that theirs are polled too."""
    configuration = session.loaded.configuration
    async with client_for(configuration) as client:
        await refresh_lists(session.engine, configuration.lists, client, datetime.now(UTC))


async def _poll(session: Session, claims: Sequence[Claim], tally: Tally) -> None:
    configuration = session.loaded.configuration
    rules = rules_in_force(session.loaded.digest, configuration)
    sandbox = Sandbox(workers=PARSE_WORKERS, markup=configuration.markup)
    try:
        with StoreThread(session.engine) as store:
            intake = Intake(store, rules, sandbox, utc_now, on_saved=tally.add)
            async with client_for(configuration) as client:
                poller = Poller(store, intake, client, sandbox, configuration.fetch)
                try:
                    poller.start(claims)
                    await poller.finish()
                finally:
                    await poller.drain(0)
    finally:
        sandbox.close()
