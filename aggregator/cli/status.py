"""The status command: how each source does, what is wrong, and what is pushed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click

from aggregator.cli.context import Session
from aggregator.cli.hub import sum_up
from aggregator.cli.terminal import counted, local_time, print_json, say
from aggregator.model import ProblemEvent, SourceState
from aggregator.pipeline.status import lateness_in, overdue_s, state_as_json, told_pages
from aggregator.schedule.words import in_words
from aggregator.store.articles.listing import count_held
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
        waiting = count_held(connection)
    for state in states:
        if not state.is_configured:
            continue
        if as_json:
            print_json(state_as_json(state, now))
        else:
            _describe(state, now)
    if not as_json:
        if is_some:
            say(f"Told are at most {MANY} sources that are not well; `status --all` tells of every one.")
        _tell_lists(lists)
        _sum_up(overview, problems)
        if waiting:
            say(
                f"{counted(waiting, 'article')} held at the gate: `aggregator held` says why, and until when."
            )
        for sentence in sum_up(pushes):
            say(sentence)
        if share is not None:
            say(f"Changed rules are being applied: {share:.0%} of the stored articles are judged.")
    sys.exit(1 if any(overview.counts.values()) and not overview.has_answered else 0)


def _tell_lists(lists: Iterable[StoredList]) -> None:
    """Tell of the lists that could not be read."""
    for listing in lists:
        if listing.reason:
            since = local_time(listing.read_at) if listing.read_at else "never read"
            say(f"list     {listing.place}\n         {listing.reason} (in force: {since})")


def _describe(state: SourceState, now: datetime) -> None:
    good = f"last success {local_time(state.last_success)}" if state.last_success else "never answered"
    say(f"{state.state:<8} {state.slug}  ({counted(state.articles, 'article')}, {good})")
    if state.reason:
        times = f" ({state.failures} in a row)" if state.failures > 1 else ""
        say(f"         {state.reason}{times}")
    if state.is_moved:
        where = state.source.where or "the configuration"
        say(f"         it has moved: in {where} write url: {state.moved_to}")
    elif state.moved_to:
        say(f"         it may have moved to {state.moved_to}")
    if state.next_poll:
        say(f"         next poll {local_time(state.next_poll)}: {state.next_why}")
    if state.pages:
        say(f"         {told_pages(state.pages)}")
    late = overdue_s(state, now)
    if late > SHOWN_LATE_S:
        say(f"         overdue for {in_words(late)}")


def _sum_up(overview: Overview, problems: Sequence[ProblemEvent]) -> None:
    for problem in problems:
        say(f"! {problem.title} ({problem.kind}, since {local_time(problem.opened_at)})\n  {problem.text}")
    if overview.offline:
        say(f"Our own network seems to be down: waiting for it: {counted(overview.offline, 'source')}.")
    count = sum(overview.counts.values())
    say(
        f"{counted(count, 'source')}, {overview.counts.get('ok', 0)} well, "
        f"{counted(len(problems), 'problem')}."
    )
    late = lateness_in(overview)
    if late["median_s"] is not None:
        say(
            f"Polls come {_late(late['median_s'])} late at the median, {_late(late['longest_s'])} at most; "
            f"the longest overdue waits for {in_words(late['overdue_s'] or 0)}."
        )


def _late(seconds: float | None) -> str:
    """Return a wait; of short ones tenths of seconds count."""
    return f"{seconds:.1f} s" if seconds is not None and seconds < 60 else in_words(seconds or 0)
