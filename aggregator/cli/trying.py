"""The try command: how a document would be read, without a database."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import counted, print_json, say
from aggregator.config.needs import find_wrong
from aggregator.config.sources import FIELD_NAMES
from aggregator.errors import AggregatorError, NotAFeed, ParseError
from aggregator.fetch.conditional import fetch
from aggregator.http.client import Client
from aggregator.http.shape import user_agent
from aggregator.http.target import without_credentials
from aggregator.model import (
    Claim,
    Configuration,
    Entry,
    Failed,
    Fetched,
    Gone,
    Outcome,
    ParsedFeed,
    Reading,
    Source,
)
from aggregator.model.reading import Fields, SourceKind
from aggregator.parse.markup import use_markup
from aggregator.parse.reading import read_document


@click.command("try")
@click.argument("place", metavar="URL|FILE")
@click.option("--base-url", help="Where the document is said to come from.")
@click.option("--content-type", help="The Content-Type it is said to have.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line per entry, in document order.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(["feed", "page", "json", "sitemap"]),
    default="feed",
    show_default=True,
    help="What it is to be read as.",
)
@click.option(
    "--items", multiple=True, metavar="SELECTOR", help="What one entry is; several are tried in order."
)
@click.option("--field", "fields", multiple=True, metavar="NAME=SELECTOR", help="Where a field stands in it.")
@click.pass_obj
def try_(
    session: Session,
    place: str,
    base_url: str | None,
    content_type: str | None,
    as_json: bool,
    kind: SourceKind,
    items: tuple[str, ...],
    fields: tuple[str, ...],
) -> None:
    """Show how a feed, page, JSON or sitemap would be read; suggests the YAML. Nothing is stored."""
    reading = Reading(kind=kind, items=items, fields=_fields(fields), now=datetime.now(UTC))
    _check_selectors(reading)
    body, url, headers = _open(session, place)
    url = base_url or url
    if content_type:
        headers = {**headers, "content-type": content_type}
    use_markup(_configuration(session).markup)
    parsed = _read(place, body, url, headers, reading)
    if as_json:
        for entry in parsed.entries:
            print_json(entry_as_json(entry))
    else:
        _describe(parsed, url, reading)


def _read(place: str, body: bytes, url: str, headers: Mapping[str, str], reading: Reading) -> ParsedFeed:
    """Read the document, or say why not and end with exit code 1."""
    try:
        return read_document(body, url=url, headers=headers, reading=reading)
    except NotAFeed as error:
        say(f"{place}: {error}", err=True)
        for candidate in error.candidates:
            say(f"  it links to this feed: {candidate}", err=True)
        if not error.candidates and b"<html" in body[:2000].lower():
            say(f"  read by its HTML: aggregator try --as page {place}", err=True)
        sys.exit(1)
    except ParseError as error:
        say(f"{place}: {error}", err=True)
        sys.exit(1)


def _fields(written: tuple[str, ...]) -> Fields:
    found: dict[str, list[str]] = {}
    for one in written:
        name, is_there, selector = one.partition("=")
        if not is_there or name not in FIELD_NAMES:
            raise click.UsageError(f"--field {one}: write NAME=SELECTOR; names are {' '.join(FIELD_NAMES)}")
        found.setdefault(name, []).append(selector)
    return tuple((name, tuple(selectors)) for name, selectors in found.items())


def _check_selectors(reading: Reading) -> None:
    if reading.kind in {"feed", "sitemap"} and (reading.items or reading.fields):
        raise click.UsageError(
            f"a {reading.kind} needs no --items and no --field; say --as page or --as json"
        )
    for one in [*reading.items, *(one for _, some in reading.fields for one in some)]:
        if wrong := find_wrong(one, is_json=reading.kind == "json"):
            raise click.UsageError(wrong)


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry under the documented keys; times are RFC 3339 in UTC, None if unknown."""
    return {
        "id": entry.id or entry.key,
        "title": entry.title,
        "link": entry.link,
        "authors": [{"name": person.name, "email": person.email} for person in entry.authors],
        "published": entry.published,
        "updated": entry.updated,
        "content": entry.content,
        "summary": entry.summary,
        "categories": [category.term for category in entry.categories],
        "enclosures": [
            {"url": file.url, "type": file.type, "length": file.length} for file in entry.enclosures
        ],
        "language": entry.language,
    }


def _open(session: Session, place: str) -> tuple[bytes, str, dict[str, str]]:
    if "://" not in place:
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
    outcome = await fetch_source(_configuration(session), Source(url=url))
    if isinstance(outcome, Fetched):
        return outcome
    reason = outcome.reason if isinstance(outcome, Failed | Gone) else "nothing was sent"
    raise click.ClickException(f"{without_credentials(url)}: {reason}")


def _configuration(session: Session) -> Configuration:
    """The configuration in force if there is one: its limits hold for a trial too."""
    try:
        return session.loaded.configuration
    except AggregatorError:
        if session.config:
            raise
        return Configuration()


def client_for(configuration: Configuration) -> Client:
    """Return the guarded client under the limits of *configuration*, not opened yet."""
    return Client(configuration.fetch, user_agent=user_agent(configuration.fetch, configuration.site))


async def fetch_source(configuration: Configuration, source: Source) -> Outcome:
    """Fetch a source once as a poll would, with nothing remembered of it."""
    now = datetime.now(UTC)
    claim = Claim(source_id=0, slug="try", source=source, token="", until=now, url=source.url)
    async with client_for(configuration) as client:
        return await fetch(client, claim, now)


def _describe(parsed: ParsedFeed, url: str, reading: Reading) -> None:
    info = parsed.info
    say(f"{info.title or '(no title)'}  [{parsed.format}, {counted(len(parsed.entries), 'entry')}]")
    for warning in parsed.warnings:
        say(f"  note: {warning}")
    for entry in parsed.entries:
        day = entry.published or entry.updated
        say(f"\n  {day:%Y-%m-%d %H:%M}  {entry.title}" if day else f"\n  (no date)         {entry.title}")
        authors = ", ".join(person.name or str(person.email) for person in entry.authors)
        detail = " · ".join(filter(None, [entry.link, authors, counted(entry.words, "word")]))
        say(f"                    {detail}")
        for file in entry.enclosures:
            say(f"                    {file.type or 'file'}: {file.url}")
    say("\nAs a source:\n")
    say(f"  - {'url' if reading.kind == 'feed' else reading.kind}: {url or 'https://…'}")
    if info.title:
        say(f"    name: {json.dumps(info.title, ensure_ascii=False)}")
    if reading.items:
        say(f"    items: {_written(reading.items)}")
    if reading.fields:
        inside = ", ".join(f"{name}: {_written(selectors)}" for name, selectors in reading.fields)
        say(f"    fields: {{{inside}}}")


def _written(selectors: tuple[str, ...]) -> str:
    """Return selectors as YAML: one alone, or a list."""
    return json.dumps(selectors[0] if len(selectors) == 1 else selectors, ensure_ascii=False)
