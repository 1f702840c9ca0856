"""Commands about the configuration file: init, check."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import counted, say
from aggregator.config.presence import find_missing
from aggregator.config.writing import STARTERS, read_starter, write_new
from aggregator.errors import ConfigurationError


@click.command()
@click.argument("starter", type=click.Choice(STARTERS), default="london-daily")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    default=Path("config/aggregator.yaml"),
    show_default=True,
    help="The file to write; never overwritten.",
)
def init(starter: str, target: Path) -> None:
    """Write a configuration to start from."""
    write_new(read_starter(starter), target)
    say(f"Wrote {target}. Read it, change it, then: aggregator --config {target} run")


@click.command()
@click.pass_obj
def check(session: Session) -> None:
    """Say whether the configuration can be used; lists every problem. No network."""
    try:
        loaded = session.loaded
    except ConfigurationError as error:
        say(str(error), err=True)
        say(f"{counted(len(error.problems), 'problem')}.", err=True)
        sys.exit(1)
    made = loaded.configuration
    parts = ((made.sources, "source"), (made.topics, "topic"), (made.feeds, "feed"))
    counts = ", ".join(f"{counted(len(some), word)}" for some, word in parts)
    say(f"{loaded.path}: good. {counts}.")
    for sentence in find_missing(made):
        say(f"but {sentence}", err=True)
