"""Who gets which newsletter, and addresses that cannot be reached any more."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import counted, json_lines, print_each, say
from aggregator.errors import NotFound
from aggregator.store.engine import writing
from aggregator.store.outgoing.newsletters import bounce_address, list_subscribers


@click.command()
@click.argument("newsletter", required=False)
@json_lines
@click.pass_obj
def subscribers(session: Session, newsletter: str | None, as_json: bool) -> None:
    """List who gets a newsletter, or all of them."""
    known = {each.slug for each in session.loaded.configuration.newsletters}
    if newsletter is not None and newsletter not in known:
        raise NotFound(
            f"there is no newsletter {newsletter!r}; there are {', '.join(sorted(known)) or 'none'}"
        )
    with session.reading() as connection:
        found = list_subscribers(connection, newsletter)
    print_each(
        found,
        as_json,
        lambda one: {"newsletter": one.newsletter, "address": one.address, "state": one.state},
        lambda one: f"{one.newsletter}  {one.address}  {one.state}",
        "Nobody subscribed.",
    )


@click.command()
@click.argument("address")
@click.pass_obj
def bounced(session: Session, address: str) -> None:
    """Take an address that cannot be reached off every newsletter."""
    with writing(session.engine) as connection:
        count = bounce_address(connection, address, datetime.now(UTC), "reported by hand")
    if not count:
        raise NotFound(f"{address} gets no newsletter")
    say(f"{address} is off {counted(count, 'newsletter')}.")
