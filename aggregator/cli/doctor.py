"""The doctor command: one finding a part of what the aggregator stands on, each with what to do about it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click

from aggregator.cli.context import Session
from aggregator.cli.surroundings import SET_CLOCK, WRONG, Finding, look_at_machine
from aggregator.cli.terminal import counted, say
from aggregator.config.presence import find_missing
from aggregator.errors import AggregatorError, ConfigurationError
from aggregator.store.engine import Engine, reading
from aggregator.store.integrity import find_damage, find_refusal
from aggregator.store.sources.states import list_states

#: no poll for so long, although sources are due: no worker runs
SILENCE = timedelta(hours=3)


@click.command()
@click.pass_obj
def doctor(session: Session) -> None:
    """Look whether network, clock, certificates, disk and database are well, and say what to do."""
    is_well = True
    for finding in examine(session):
        is_well &= finding.is_well
        say(f"{'ok  ' if finding.is_well else 'BAD '} {finding.what}")
        if finding.advice:
            say(f"     {finding.advice}")
    sys.exit(0 if is_well else 1)


def examine(session: Session) -> Iterator[Finding]:
    """Look at everything; a part that cannot be looked at is a finding, never an exception."""
    try:
        configuration = session.loaded.configuration
    except ConfigurationError as error:
        yield Finding(
            False,
            f"configuration: {counted(len(error.problems), 'problem')}",
            "`aggregator check` lists them",
        )
        return
    yield Finding(True, f"configuration: {session.loaded.path}")
    yield from (Finding(False, sentence) for sentence in find_missing(configuration))
    yield from look_at_machine(configuration)
    try:
        yield from _look_at_store(session.engine)
    except AggregatorError as error:
        yield Finding(False, f"database: {error}")


def _look_at_store(engine: Engine) -> Iterator[Finding]:
    damage = find_damage(engine)
    advice = "stop everything, keep the file, and `aggregator restore` your last backup" if damage else ""
    yield Finding(not damage, f"database: {damage or 'sound'}", advice)
    if refusal := find_refusal(engine):
        yield Finding(False, f"database: {refusal}")
    with reading(engine) as connection:
        states = [state for state in list_states(connection) if state.is_configured]
    last = max((state.last_poll for state in states if state.last_poll), default=None)
    yield from _look_at_worker(last, [state.next_poll for state in states if state.next_poll])
    if not states:
        return
    well = sum(state.state == "ok" for state in states)
    is_bad = bool(last) and not well
    advice = "`aggregator status` says why; is this machine's network up?" if is_bad else ""
    yield Finding(not is_bad, f"sources: {well} of {len(states)} well", advice)


def _look_at_worker(last: datetime | None, due: list[datetime]) -> Iterator[Finding]:
    now = datetime.now(UTC)
    if last and last > now + WRONG:
        yield Finding(
            False,
            f"clock: it is {now:%Y-%m-%d %H:%M} UTC, but a poll ended at {last:%Y-%m-%d %H:%M}",
            f"it was wrong then or is wrong now; {SET_CLOCK}",
        )
    overdue = sum(at < now - SILENCE for at in due)
    if overdue:
        said = f"{last:%Y-%m-%d %H:%M}" if last else "never"
        what = f"worker: {counted(overdue, 'source')} overdue, last poll {said}"
        yield Finding(False, what, "start `aggregator run` or `aggregator worker`, or read its log")
    else:
        yield Finding(True, "worker: nothing is overdue")
