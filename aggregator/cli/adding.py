"""The add command: a URL in, one more source in the configuration file out."""

from __future__ import annotations

import asyncio

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import counted, say
from aggregator.cli.trying import fetch_once
from aggregator.config.edit import add_source
from aggregator.config.imports.labels import tag_of
from aggregator.errors import NotAFeed, ParseError
from aggregator.model import Fetched, ParsedFeed
from aggregator.parse.discovery import usual_places
from aggregator.parse.reading import read_document


@click.command()
@click.argument("url")
@click.option("--name", help="Its name; else the feed's own title.")
@click.option("--tag", "tags", multiple=True, help="A tag; may be given several times.")
@click.pass_obj
def add(session: Session, url: str, name: str | None, tags: tuple[str, ...]) -> None:
    """Add a feed to the configuration; URL may be a page that leads to one."""
    loaded = session.loaded
    place, parsed = asyncio.run(_find(session, url))
    known = next((source for source in loaded.configuration.sources if source.url == place), None)
    if known:
        raise click.ClickException(f"{place} is a source already ({known.where or known.name})")
    keys: dict[str, object] = {
        "url": place,
        "name": name or parsed.info.title,
        "tags": [tag_of(tag) for tag in tags if tag_of(tag)],
    }
    add_source(loaded.path, keys)
    say(f"Added {place} ({counted(len(parsed.entries), 'entry')}) to {loaded.path}.")


async def _find(session: Session, url: str) -> tuple[str, ParsedFeed]:
    """Return the feed at *url*, the one its page stands for, or one in a usual place."""
    fetched = await fetch_once(session, url)
    try:
        return fetched.moved_to or url, _read(fetched)
    except NotAFeed as error:
        if error.best:
            return error.best, _read(await fetch_once(session, error.best))
        if error.candidates:
            listed = "".join(f"\n  {each}" for each in error.candidates)
            raise click.ClickException(f"{url} leads to several feeds; add one of them:{listed}") from error
    except ParseError as error:
        raise click.ClickException(f"{url}: {error}") from error
    for place in usual_places(url):
        try:
            return place, _read(await fetch_once(session, place))
        except (click.ClickException, ParseError):
            continue
    raise click.ClickException(
        f"{url} is a page and leads to no feed; as a source it may be read itself:\n  - page: {url}"
    )


def _read(fetched: Fetched) -> ParsedFeed:
    return read_document(fetched.body, url=fetched.url, headers=fetched.headers)
