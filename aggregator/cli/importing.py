"""The import command: somebody's list in, our YAML out."""

from __future__ import annotations

import re
from pathlib import Path

import click

from aggregator.cli.terminal import say
from aggregator.config.imports.reading import read_foreign
from aggregator.config.imports.wording import render_yaml
from aggregator.config.writing import SCHEMA_LINE, write_new

#: keys of sources under which passwords may stand
_SECRET = re.compile(r"(?m)^    (?:auth|headers|proxy):")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    help="The file to write, never overwritten; else it is printed.",
)
def import_(file: Path, target: Path | None) -> None:
    """Turn the list of another program into our YAML.

    It reads OPML, the INI of Planet, Venus and Pluto, the YAML of osmosfeed and rss-funnel, the feeds of
    Miniflux as JSON, and lists of addresses.
    """
    try:
        body = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    imported = read_foreign(body, file.name)
    if not imported.subscriptions:
        raise click.ClickException(f"{file}: no source is listed there (read as {imported.format})")
    text, taken, lost = render_yaml(imported)
    if target is None:
        say(text, nl=False)
    else:
        is_secret = _SECRET.search(text) is not None
        write_new(SCHEMA_LINE + text, target, 0o600 if is_secret else 0o666)
        if is_secret:
            say(f"Passwords stand in {target}: only you can read it.", err=True)
        say(f"Wrote {target}. Look through it, then: aggregator --config {target} run", err=True)
    say(taken, err=True)
    for sentence in lost:
        say(f"not carried over: {sentence}", err=True)
