"""Commands that look: search, render, sources, articles, status."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from aggregator.cli.context import Session
from aggregator.cli.hub import sum_up
from aggregator.editions import looks_of
from aggregator.errors import NotFound, QueryError
from aggregator.model import Article, FeedKind, ProblemEvent, SourceState
from aggregator.pipeline import publish_feed
from aggregator.publish.addresses import FORMATS
from aggregator.query.describe import describe
from aggregator.query.glossary import compile_glossary
from aggregator.query.parse import parse_query
from aggregator.status import as_text, lateness_in, overdue_s, state_as_json, told_pages
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.search import search as search_store
from aggregator.store.configurations import judged_share
from aggregator.store.feeds.placements import feeds_of, find_feed
from aggregator.store.overview import Overview, load_overview
from aggregator.store.problems import list_open
from aggregator.store.push.pushview import count_pushes
from aggregator.store.sources.lists import StoredList, load_lists
from aggregator.store.sources.states import list_states, load_cards

PAGE = 500
#: where there are more sources, `status` tells of those that are not well, and of no more than this
MANY = 1000
#: a poll that is due is made within a few seconds; more than this is worth a line
SHOWN_LATE_S = 30


@click.command()
@click.argument("query")
@click.option("--explain", is_flag=True, help="Show how the query was read and why each article matches.")
@click.option(
    "--limit",
    metavar="N",
    default=20,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="At most so many.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def search(session: Session, query: str, explain: bool, limit: int, as_json: bool) -> None:
    """Try a query on everything stored; newest first."""
    try:
        parsed = compile_glossary(session.loaded.configuration).expand(parse_query(query))
    except QueryError as error:
        raise click.ClickException(_point_at(error)) from error
    if explain and not as_json:
        click.echo(f"read as: {describe(parsed.root)}")
    with session.reading() as connection:
        found = search_store(connection, parsed, limit=limit, now=datetime.now(UTC))
    for article, card, why in found:
        if as_json:
            click.echo(
                json.dumps(
                    {
                        "id": article.id,
                        "source": card.slug,
                        "title": article.entry.title,
                        "link": article.entry.link,
                        "why": why,
                    },
                    ensure_ascii=False,
                )
            )
            continue
        click.echo(
            f"{article.sort_date:%Y-%m-%d %H:%M}  {article.entry.title or '(no title)'}  [{card.name}]"
        )
        if explain:
            click.echo(f"    because {why}")
    if not found and not as_json:
        click.echo("Nothing stored matches.", err=True)


@click.command()
@click.argument("place", metavar="KIND/SLUG.SUFFIX")
@click.pass_obj
def render(session: Session, place: str) -> None:
    """Print one published feed, such as feeds/front-page.atom or topics/economy.json."""
    folder, _, rest = place.strip("/").partition("/")
    slug, _, suffix = rest.rpartition(".")
    kinds: dict[str, FeedKind] = {"feeds": "feed", "topics": "topic", "sources": "source"}
    if folder not in kinds or suffix not in FORMATS or not slug:
        raise click.UsageError("write it as feeds/SLUG.atom, topics/SLUG.rss or sources/SLUG.json")
    with session.reading() as connection:
        head = find_feed(connection, kinds[folder], slug)
        if head is None:
            raise NotFound(f"there is no {kinds[folder]} {slug!r}")
        configuration = session.loaded.configuration
        rendered = publish_feed(connection, head, configuration.site, suffix, looks_of(configuration))
    sys.stdout.buffer.write(rendered.body)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def sources(session: Session, as_json: bool) -> None:
    """List the sources."""
    session.catch_up()
    with session.reading() as connection:
        states = list_states(connection)
    for state in states:
        if as_json:
            click.echo(json.dumps(state_as_json(state, datetime.now(UTC)), ensure_ascii=False))
        else:
            click.echo(f"{state.slug:<32} {state.articles:>6}  {state.source.url}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def articles(session: Session, as_json: bool) -> None:
    """Print every stored article, in the order of arrival."""
    after = 0
    with session.reading() as connection:
        slugs = {card.id: card.slug for card in load_cards(connection).values()}
        while page := list_articles(connection, after_id=after, limit=PAGE):
            for article in page:
                feeds = [slug for kind, slug, _ in feeds_of(connection, article.id) if kind == "feed"]
                slug = slugs.get(article.source_id, "")
                if as_json:
                    click.echo(json.dumps(article_as_json(article, slug, feeds), ensure_ascii=False))
                else:
                    day = f"{article.sort_date:%Y-%m-%d %H:%M}"
                    click.echo(f"{article.id:>8}  {day}  {slug:<24} {article.entry.title}")
            after = page[-1].id


def article_as_json(article: Article, source: str, feeds: list[str]) -> dict[str, Any]:
    """Return a stored article under the documented keys."""
    entry = article.entry
    return {
        "id": entry.id or entry.key,
        "article": article.id,
        "published_id": article.published_id,
        "source": source,
        "title": entry.title,
        "link": entry.link,
        "published": as_text(entry.published),
        "updated": as_text(entry.updated),
        "first_seen": as_text(article.first_seen),
        "state": str(article.state),
        "topics": list(article.topics),
        "feeds": feeds,
    }


@click.command()
@click.option("--all", "is_every", is_flag=True, help="Tell of every source, however many there are.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one for every source.")
@click.pass_obj
def status(session: Session, is_every: bool, as_json: bool) -> None:
    """Say how each source does; exit code 1 if none ever answered."""
    session.catch_up()
    now = datetime.now(UTC)
    with session.reading() as connection:
        overview = load_overview(connection, now)
        is_some = overview.rows > MANY and not (is_every or as_json)
        states = list_states(connection, is_ailing=is_some, limit=MANY if is_some else None)
        share = judged_share(connection)
        lists = load_lists(connection).values()
        problems = list_open(connection)
        pushes = count_pushes(connection, now)
    for state in states:
        if not state.is_configured:
            continue
        if as_json:
            click.echo(json.dumps(state_as_json(state, now), ensure_ascii=False))
        else:
            _describe(state, now)
    if not as_json:
        if is_some:
            click.echo(
                f"Told are at most {MANY} sources that are not well; `status --all` tells of every one."
            )
        _tell_lists(lists)
        _sum_up(overview, problems)
        for sentence in sum_up(pushes):
            click.echo(sentence)
        if share is not None:
            click.echo(f"Changed rules are being applied: {share:.0%} of the stored articles are judged.")
    sys.exit(1 if any(overview.counts.values()) and not overview.has_answered else 0)


def _tell_lists(lists: Iterable[StoredList]) -> None:
    """Tell of the lists that could not be read."""
    for listing in lists:
        if listing.reason:
            since = _moment(listing.read_at) if listing.read_at else "never read"
            click.echo(f"list     {listing.place}\n         {listing.reason} (in force: {since})")


def _describe(state: SourceState, now: datetime) -> None:
    good = f"last success {_moment(state.last_success)}" if state.last_success else "never answered"
    click.echo(f"{state.state:<8} {state.slug}  ({state.articles} articles, {good})")
    if state.reason:
        times = f" ({state.failures} in a row)" if state.failures > 1 else ""
        click.echo(f"         {state.reason}{times}")
    if state.is_moved:
        where = state.source.where or "the configuration"
        click.echo(f"         it has moved: in {where} write url: {state.moved_to}")
    elif state.moved_to:
        click.echo(f"         it may have moved to {state.moved_to}")
    if state.next_poll:
        click.echo(f"         next poll {_moment(state.next_poll)}: {state.next_why}")
    if state.pages:
        click.echo(f"         {told_pages(state.pages)}")
    late = overdue_s(state, now)
    if late > SHOWN_LATE_S:
        click.echo(f"         overdue for {late:.0f} s")


def _sum_up(overview: Overview, problems: Sequence[ProblemEvent]) -> None:
    for problem in problems:
        click.echo(
            f"! {problem.title} ({problem.kind}, since {_moment(problem.opened_at)})\n  {problem.text}"
        )
    if overview.offline:
        click.echo(f"Our own network seems to be down: {overview.offline} sources wait for it.")
    count = sum(overview.counts.values())
    click.echo(
        f"{count} source{'s' if count != 1 else ''}, {overview.counts.get('ok', 0)} well, "
        f"{len(problems)} problem{'s' if len(problems) != 1 else ''}."
    )
    late = lateness_in(overview)
    if late["median_s"] is not None:
        click.echo(
            f"Polls come {late['median_s']:.1f} s late at the median, {late['longest_s']:.1f} s at most; "
            f"the longest overdue waits for {late['overdue_s']:.0f} s."
        )


def _moment(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def _point_at(error: QueryError) -> str:
    if error.position is None or not error.query:
        return error.message
    return f"{error.message}\n  {error.query}\n  {' ' * error.position}^"
