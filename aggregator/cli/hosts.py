"""The hosts command: what we asked of each site, and who asked us to wait."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import json_lines, local_time, print_each, say
from aggregator.model import HostLine
from aggregator.store.sources.hosts import load_hosts


@click.command()
@click.option(
    "--days",
    metavar="N",
    default=7,
    show_default=True,
    type=click.IntRange(1, 60),
    help="How many days to count.",
)
@json_lines
@click.pass_obj
def hosts(session: Session, days: int, as_json: bool) -> None:
    """Say what we cost each site: requests, 304s, bytes, waits and refusals."""
    session.catch_up()
    with session.reading() as connection:
        lines = load_hosts(connection, datetime.now(UTC), days)
    if lines and not as_json:
        say(f"{'site':<32} {'sources':>7} {'requests':>8} {'304':>5} {'kB':>9} {'waits':>6} {'refused':>7}")
    print_each(lines, as_json, _values, _row, "No site was asked anything yet.")


def _values(line: HostLine) -> dict[str, Any]:
    share = line.not_modified_share
    values = {**asdict(line), "not_modified_share": None if share is None else round(share, 4)}
    return {"host": values.pop("name"), **values}


def _row(line: HostLine) -> str:
    share = line.not_modified_share
    percent = "" if share is None else f"{share:.0%}"
    row = (
        f"{line.name:<32} {line.sources:>7} {line.requests:>8} {percent:>5} {line.bytes / 1000:>9.1f} "
        f"{line.waits:>6} {line.refusals:>7}"
    )
    if line.not_before:
        row += f"\n    waiting until {local_time(line.not_before)}: {line.why}"
    return row
