"""The plan command: what the configuration file would change, before it does."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import clear_progress, counted, counting, json_object, print_json, say
from aggregator.model.plan import FeedPlan, IssuePlan, Plan
from aggregator.pipeline.planning import NAMED, make_plan


@click.command()
@click.option(
    "--entries",
    default=NAMED,
    show_default=True,
    type=click.IntRange(0, 100_000),
    metavar="N",
    help="Name so many entering and leaving entries of each feed.",
)
@click.option("--apply", "applies", is_flag=True, help="Apply it, after showing it.")
@json_object
@click.pass_obj
def plan(session: Session, entries: int, applies: bool, as_json: bool) -> None:
    """Say what the configuration file would change, entry by entry; changes nothing."""
    session.complete()
    made = make_plan(
        session.engine, session.loaded, datetime.now(UTC), named=entries, progress=counting("articles judged")
    )
    clear_progress()
    if as_json:
        print_json(asdict(made))
    else:
        _tell(made)
    if applies and made.is_new:
        session.apply()
        say("Applied.", err=as_json)


def _tell(made: Plan) -> None:
    if not made.is_new:
        say("Nothing: this configuration is in force.")
        return
    for what, slugs in (("+", made.sources_added), ("-", made.sources_removed)):
        for slug in slugs:
            say(f"{what} source {slug}")
    for slug, old, new in made.sources_renamed:
        say(f"~ source {slug}: renamed from {old or 'no name'} to {new or 'no name'}")
    for slug, old, new in made.sources_moved:
        say(f"~ source {slug}: moved from {old} to {new}")
    for what, addresses in (("+", made.added), ("-", made.removed)):
        for kind, slug in addresses:
            say(f"{what} {kind} {slug}")
    for kind, slug, old, new in made.renamed:
        say(f"~ {kind} {slug}: renamed from {old} to {new}")
    for kind, old, new in (*made.moved, *made.followed):
        is_same = (kind, old, new) in made.followed
        then = "its old address leads there" if is_same else "readers of the old address must subscribe again"
        say(f"~ {kind} {old} moved to {new}: {then}")
    for feed in made.feeds:
        _tell_feed(feed)
    for issue in made.issues:
        _tell_issue(issue)
    if not made.feeds and not made.issues:
        say("No stored entry would enter or leave a feed.")


def _tell_feed(feed: FeedPlan) -> None:
    say(f"{feed.kind} {feed.slug}: {feed.enters} would enter, {feed.leaves} would leave")
    for sign, listed, count in (("+", feed.entering, feed.enters), ("-", feed.leaving, feed.leaves)):
        for one in listed:
            say(f"  {sign} {one.article_id:>8}  {one.sort_date:%Y-%m-%d}  {one.source}  {one.title}")
        if listed and count > len(listed):
            say(f"  {sign} and {counted(count - len(listed), 'older one')}")


def _tell_issue(issue: IssuePlan) -> None:
    stories = counted(issue.stories, "story")
    say(f"feed {issue.slug}: the issue of {issue.at:%Y-%m-%d %H:%M} UTC would tell {stories} so far")
    for one in issue.telling:
        say(f"  + {one.article_id:>8}  {one.sort_date:%Y-%m-%d}  {one.source}  {one.title}")
