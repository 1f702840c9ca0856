"""The try command: how a document would be read, without a database."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from aggregator.cli.context import Session
from aggregator.errors import AggregatorError, ConfigurationError, NotAFeed, ParseError
from aggregator.fetch.conditional import fetch
from aggregator.http import user_agent
from aggregator.http.client import Client
from aggregator.model import Claim, Configuration, Entry, Failed, Fetched, Gone, ParsedFeed, Source
from aggregator.parse.reading import read_document


@click.command("try")
@click.argument("place", metavar="URL|FILE")
@click.option("--base-url", help="Where the document is said to come from.")
@click.option("--content-type", help="The Content-Type it is said to have.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line per entry, in document order.")
@click.pass_obj
def try_(session: Session, place: str, base_url: str | None, content_type: str | None, as_json: bool) -> None:
    """Show how a feed would be read; suggests the YAML. Nothing is stored."""
    body, url, headers = _open(session, place)
    url = base_url or url
    if content_type:
        headers = {**headers, "content-type": content_type}
    try:
        parsed = read_document(body, url=url, headers=headers)
    except NotAFeed as error:
        click.echo(f"{place}: {error}", err=True)
        for candidate in error.candidates:
            click.echo(f"  it links to this feed: {candidate}", err=True)
        sys.exit(1)
    except ParseError as error:
        click.echo(f"{place}: {error}", err=True)
        sys.exit(1)
    if as_json:
        for entry in parsed.entries:
            click.echo(json.dumps(entry_as_json(entry), ensure_ascii=False))
    else:
        _describe(parsed, url)


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry under the documented keys; times are RFC 3339 in UTC, None if unknown."""
    return {
        "id": entry.id or entry.key,
        "title": entry.title,
        "link": entry.link,
        "authors": [{"name": person.name, "email": person.email} for person in entry.authors],
        "published": as_text(entry.published),
        "updated": as_text(entry.updated),
        "content": entry.content,
        "summary": entry.summary,
        "categories": [category.term for category in entry.categories],
        "enclosures": [
            {"url": file.url, "type": file.type, "length": file.length} for file in entry.enclosures
        ],
        "language": entry.language,
    }


def as_text(time: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z") if time else None


def _open(session: Session, place: str) -> tuple[bytes, str, dict[str, str]]:
    if not place.lower().startswith(("http://", "https://")):
        try:
            return Path(place).read_bytes(), "", {}
        except OSError as error:
            raise click.ClickException(f"{place}: {error.strerror}") from error
    fetched = asyncio.run(fetch_once(session, place))
    return fetched.body, fetched.url, fetched.headers


async def fetch_once(session: Session, url: str) -> Fetched:
    """Fetch a document once, under the limits of the configuration in force.

    Raises:
        ClickException: it cannot be had; with the reason.
    """
    outcome = await _fetch(_configuration(session), url)
    if isinstance(outcome, Fetched):
        return outcome
    reason = outcome.reason if isinstance(outcome, Failed | Gone) else "nothing was sent"
    raise click.ClickException(f"{url}: {reason}")


def _configuration(session: Session) -> Configuration:
    """The configuration in force if there is one: its limits hold for a trial too."""
    if session.config:
        return session.loaded.configuration
    try:
        return session.loaded.configuration
    except (ConfigurationError, AggregatorError):
        return Configuration()


async def _fetch(configuration: Configuration, url: str) -> object:
    now = datetime.now(UTC)
    claim = Claim(source_id=0, slug="try", source=Source(url=url), token="", until=now, url=url)
    async with Client(
        configuration.fetch, user_agent=user_agent(configuration.fetch, configuration.site)
    ) as client:
        return await fetch(client, claim, now)


def _describe(parsed: ParsedFeed, url: str) -> None:
    info = parsed.info
    click.echo(f"{info.title or '(no title)'}  [{parsed.format}, {len(parsed.entries)} entries]")
    for warning in parsed.warnings:
        click.echo(f"  note: {warning}")
    for entry in parsed.entries:
        day = entry.published or entry.updated
        click.echo(
            f"\n  {day:%Y-%m-%d %H:%M}  {entry.title}" if day else f"\n  (no date)         {entry.title}"
        )
        authors = ", ".join(person.name or str(person.email) for person in entry.authors)
        detail = " · ".join(filter(None, [entry.link, authors, f"{entry.words} words"]))
        click.echo(f"                    {detail}")
        for file in entry.enclosures:
            click.echo(f"                    {file.type or 'file'}: {file.url}")
    click.echo("\nAs a source:\n")
    click.echo(f"  - url: {url or 'https://…'}")
    if info.title:
        click.echo(f"    name: {json.dumps(info.title, ensure_ascii=False)}")
