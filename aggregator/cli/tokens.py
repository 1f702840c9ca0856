"""Tokens of private feeds: made, listed, revoked."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import json_lines, print_each, say
from aggregator.errors import NotFound
from aggregator.model import FeedHead
from aggregator.publish.addresses import feed_url
from aggregator.publish.dates import rfc3339
from aggregator.store.engine import Connection, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.tokens import add_token, list_tokens, revoke_token


@click.group()
def token() -> None:
    """Tokens that open feeds with `access: token`."""


@token.command()
@click.argument("feed")
@click.option("--name", default="", help="Whose it is, for `token list`.")
@click.pass_obj
def add(session: Session, feed: str, name: str) -> None:
    """Make a token for FEED and print it, once."""
    session.apply()
    with writing(session.engine) as connection:
        head = _get_feed(connection, feed)
        if head.access != "token":
            raise NotFound(f"feed {feed!r} is public; it needs `access: token` before tokens mean anything")
        secret = add_token(connection, head, name, datetime.now(UTC))
    say(secret)
    site = session.loaded.configuration.site
    say(f"Subscribe to {feed_url(site, head, 'atom')}?token={secret}", err=True)
    say("or give the token as password, with any user name. It is not shown again.", err=True)


@token.command("list")
@click.argument("feed", required=False)
@json_lines
@click.pass_obj
def list_(session: Session, feed: str | None, as_json: bool) -> None:
    """List the tokens of FEED, or of all feeds; never their secrets."""
    with session.reading() as connection:
        if feed is not None:
            _get_feed(connection, feed)
        found = list_tokens(connection, feed)
    print_each(
        found,
        as_json,
        lambda one: {"token": one.id, "feed": one.feed, "name": one.name, "made": rfc3339(one.made_at)},
        lambda one: f"{one.id:>5}  {one.feed:<24} {rfc3339(one.made_at)}  {one.name}",
        "There are no tokens.",
    )


@token.command()
@click.argument("number", type=click.IntRange(1, 2**53))
@click.pass_obj
def revoke(session: Session, number: int) -> None:
    """Make the token with this NUMBER (see `token list`) worthless."""
    with writing(session.engine) as connection:
        if not revoke_token(connection, number):
            raise NotFound(f"there is no token {number}")
    say(f"Token {number} opens nothing any more.")


def _get_feed(connection: Connection, slug: str) -> FeedHead:
    head = find_feed(connection, "feed", slug)
    if head is None:
        raise NotFound(f"there is no feed {slug!r}")
    return head
