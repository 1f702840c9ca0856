"""`aggregator story`: show a story, take an article out of one, make two one."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import local_time, say
from aggregator.errors import NotFound
from aggregator.pipeline.editing import get_article
from aggregator.store.engine import writing
from aggregator.store.stories.corrections import join_stories, split_story
from aggregator.store.stories.coverage import find_membership, read_story


@click.group()
def story() -> None:
    """Show and correct which articles tell the same story."""


@story.command()
@click.argument("article", metavar="ID|URL")
@click.pass_obj
def show(session: Session, article: str) -> None:
    """Print the story of an article: what tells it, and why it is part of it."""
    with session.reading() as connection:
        number = get_article(connection, article).id
        own = find_membership(connection, number)
        if own is None:
            raise NotFound(f"article {number} is in no story")
        told = read_story(connection, own.story_id)
    for one, source, membership in told:
        when = local_time(one.sort_date, seconds=False)
        say(f"{one.id:>8}  {when}  {membership.tie:<6}  {source.name}: {one.entry.title}")
    if not told:
        say("Nothing of this story is shown: it is held, hidden or withdrawn.", err=True)


@story.command()
@click.argument("article", metavar="ID|URL")
@click.pass_obj
def split(session: Session, article: str) -> None:
    """Take an article out of its story, for good."""
    with writing(session.engine) as connection:
        number = get_article(connection, article).id
        left = split_story(connection, number, datetime.now(UTC))
    say(f"article {number} is story {left} now")


@story.command()
@click.argument("article", metavar="ID|URL")
@click.argument("other", metavar="ID|URL")
@click.pass_obj
def join(session: Session, article: str, other: str) -> None:
    """Make the stories of two articles one; the older one's entry stays."""
    with writing(session.engine) as connection:
        first, second = (get_article(connection, each).id for each in (article, other))
        if first == second:
            raise click.ClickException(f"both are article {first}: name two articles")
        kept = join_stories(connection, first, second, datetime.now(UTC))
    say(f"both are story {kept} now")
