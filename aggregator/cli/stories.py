"""`aggregator story`: show a story, take an article out of one, make two one."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import local_time
from aggregator.errors import NotFound
from aggregator.store.engine import writing
from aggregator.store.stories.corrections import join_stories, split_story
from aggregator.store.stories.coverage import find_membership, read_story


@click.group()
def story() -> None:
    """Show and correct which articles tell the same story."""


@story.command()
@click.argument("article", type=int)
@click.pass_obj
def show(session: Session, article: int) -> None:
    """Print the story of ARTICLE (its number, as `articles` lists it)."""
    with session.reading() as connection:
        own = find_membership(connection, article)
        if own is None:
            raise NotFound(f"article {article} is in no story")
        told = read_story(connection, own.story_id)
    for one, source, membership in told:
        when = local_time(one.sort_date, seconds=False)
        click.echo(f"{one.id:>8}  {when}  {membership.tie:<6}  {source.name}: {one.entry.title}")
    if not told:
        click.echo("Nothing of this story is shown: it is held, hidden or withdrawn.", err=True)


@story.command()
@click.argument("article", type=int)
@click.pass_obj
def split(session: Session, article: int) -> None:
    """Take ARTICLE out of its story, for good."""
    with writing(session.engine) as connection:
        left = split_story(connection, article, datetime.now(UTC))
    click.echo(f"article {article} is story {left} now")


@story.command()
@click.argument("article", type=int)
@click.argument("other", type=int)
@click.pass_obj
def join(session: Session, article: int, other: int) -> None:
    """Make the stories of two articles one; the older one's entry stays."""
    with writing(session.engine) as connection:
        kept = join_stories(connection, article, other, datetime.now(UTC))
    click.echo(f"both are story {kept} now")
