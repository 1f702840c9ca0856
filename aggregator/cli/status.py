"""The status command: how each source does, what is wrong, and what is pushed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click

from aggregator.cli.context import Session
from aggregator.cli.hub import sum_up
from aggregator.cli.terminal import local_time, print_json
from aggregator.model import ProblemEvent, SourceState
from aggregator.pipeline.status import lateness_in, overdue_s, state_as_json, told_pages
from aggregator.store.configurations import judged_share
from aggregator.store.overview import Overview, load_overview
from aggregator.store.problems import list_open
from aggregator.store.push.pushview import count_pushes
from aggregator.store.sources.lists import StoredList, load_lists
from aggregator.store.sources.states import list_states

#: where there are more sources, `status` tells of those that are not well, and of no more than this
MANY = 1000
#: a poll that is due is made within a few seconds; more than this is worth a line
SHOWN_LATE_S = 30


@click.command()
@click.option("--all", "is_every", is_flag=True, help="Tell of every source, however many there are.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one for every source.")
@click.pass_obj
def status(session: Session, is_every: bool, as_json: bool) -> None:
    """Say how each source does; exit code 1 if none ever answered."""
    session.catch_up()
    now = datetime.now(UTC)
    with session.reading() as connection:
        overview = load_overview(connection, now)
        is_some = overview.rows > MANY and not (is_every or as_json)
        states = list_states(connection, is_ailing=is_some, limit=MANY if is_some else None)
        share = judged_share(connection)
        lists = load_lists(connection).values()
        problems = list_open(connection)
        pushes = count_pushes(connection, now)
    for state in states:
        if not state.is_configured:
            continue
        if as_json:
            print_json(state_as_json(state, now))
        else:
            _describe(state, now)
    if not as_json:
        if is_some:
            click.echo(
                f"Told are at most {MANY} sources that are not well; `status --all` tells of every one."
            )
        _tell_lists(lists)
        _sum_up(overview, problems)
        for sentence in sum_up(pushes):
            click.echo(sentence)
        if share is not None:
            click.echo(f"Changed rules are being applied: {share:.0%} of the stored articles are judged.")
    sys.exit(1 if any(overview.counts.values()) and not overview.has_answered else 0)


def _tell_lists(lists: Iterable[StoredList]) -> None:
    """Tell of the lists that could not be read."""
    for listing in lists:
        if listing.reason:
            since = local_time(listing.read_at) if listing.read_at else "never read"
            click.echo(f"list     {listing.place}\n         {listing.reason} (in force: {since})")


def _describe(state: SourceState, now: datetime) -> None:
    good = f"last success {local_time(state.last_success)}" if state.last_success else "never answered"
    click.echo(f"{state.state:<8} {state.slug}  ({state.articles} articles, {good})")
    if state.reason:
        times = f" ({state.failures} in a row)" if state.failures > 1 else ""
        click.echo(f"         {state.reason}{times}")
    if state.is_moved:
        where = state.source.where or "the configuration"
        click.echo(f"         it has moved: in {where} write url: {state.moved_to}")
    elif state.moved_to:
        click.echo(f"         it may have moved to {state.moved_to}")
    if state.next_poll:
        click.echo(f"         next poll {local_time(state.next_poll)}: {state.next_why}")
    if state.pages:
        click.echo(f"         {told_pages(state.pages)}")
    late = overdue_s(state, now)
    if late > SHOWN_LATE_S:
        click.echo(f"         overdue for {late:.0f} s")


def _sum_up(overview: Overview, problems: Sequence[ProblemEvent]) -> None:
    for problem in problems:
        click.echo(
            f"! {problem.title} ({problem.kind}, since {local_time(problem.opened_at)})\n  {problem.text}"
        )
    if overview.offline:
        click.echo(f"Our own network seems to be down: {overview.offline} sources wait for it.")
    count = sum(overview.counts.values())
    click.echo(
        f"{count} source{'s' if count != 1 else ''}, {overview.counts.get('ok', 0)} well, "
        f"{len(problems)} problem{'s' if len(problems) != 1 else ''}."
    )
    late = lateness_in(overview)
    if late["median_s"] is not None:
        click.echo(
            f"Polls come {late['median_s']:.1f} s late at the median, {late['longest_s']:.1f} s at most; "
            f"the longest overdue waits for {late['overdue_s']:.0f} s."
        )
