"""Commands that look: search, render, sources, articles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import json_lines, limit_option, print_each, say
from aggregator.curate.rewrite import looks_of
from aggregator.errors import NotFound, QueryError
from aggregator.model import Article, FeedKind, SourceCard
from aggregator.pipeline.editions import publish_feed
from aggregator.pipeline.status import state_as_json
from aggregator.publish.addresses import FORMATS
from aggregator.query.glossary import compile_glossary
from aggregator.query.nodes import describe
from aggregator.query.parse import parse_query
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.search import search as search_store
from aggregator.store.engine import Connection
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import feeds_of
from aggregator.store.sources.cards import load_cards
from aggregator.store.sources.states import list_states

PAGE = 500


@click.command()
@click.argument("query")
@click.option("--explain", is_flag=True, help="Show how the query was read and why each article matches.")
@limit_option(20, 1000)
@json_lines
@click.pass_obj
def search(session: Session, query: str, explain: bool, limit: int, as_json: bool) -> None:
    """Try a query on everything stored; newest first."""
    try:
        parsed = compile_glossary(session.loaded.configuration).expand(parse_query(query))
    except QueryError as error:
        raise click.ClickException(_point_at(error)) from error
    if explain and not as_json:
        say(f"read as: {describe(parsed)}")
    with session.reading() as connection:
        found = search_store(connection, parsed, limit=limit, now=datetime.now(UTC))

    def told(one: tuple[Article, SourceCard, str]) -> str:
        article, card, why = one
        line = f"{article.sort_date:%Y-%m-%d %H:%M}  {article.entry.title or '(no title)'}  [{card.name}]"
        return f"{line}\n    because {why}" if explain else line

    def values(one: tuple[Article, SourceCard, str]) -> dict[str, Any]:
        article, card, why = one
        shown = {"title": article.entry.title, "link": article.entry.link}
        return {"article": article.id, "source": card.slug, **shown, "why": why}

    print_each(found, as_json, values, told, "Nothing stored matches.")


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
    click.echo(rendered.body, nl=False)


@click.command()
@json_lines
@click.pass_obj
def sources(session: Session, as_json: bool) -> None:
    """List the sources: slug, number of stored articles, address."""
    session.catch_up()
    with session.reading() as connection:
        states = list_states(connection)
    now = datetime.now(UTC)
    print_each(
        states,
        as_json,
        lambda state: state_as_json(state, now),
        lambda state: f"{state.slug:<32} {state.articles:>6}  {state.source.url}",
        "There are no sources.",
    )


@click.command()
@json_lines
@click.pass_obj
def articles(session: Session, as_json: bool) -> None:
    """Print every stored article, in the order of arrival."""
    with session.reading() as connection:
        slugs = {card.id: card.slug for card in load_cards(connection).values()}

        def told(article: Article) -> str:
            slug = slugs.get(article.source_id, "")
            return f"{article.id:>8}  {article.sort_date:%Y-%m-%d %H:%M}  {slug:<24} {article.entry.title}"

        def values(article: Article) -> dict[str, Any]:
            feeds = [slug for kind, slug, _ in feeds_of(connection, article.id) if kind == "feed"]
            return article_as_json(article, slugs.get(article.source_id, ""), feeds)

        print_each(_every_article(connection), as_json, values, told, "Nothing is stored yet.")


def _every_article(connection: Connection) -> Iterator[Article]:
    after = 0
    while page := list_articles(connection, after_id=after, limit=PAGE):
        yield from page
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
        "published": entry.published,
        "updated": entry.updated,
        "first_seen": article.first_seen,
        "state": str(article.state),
        "topics": list(article.topics),
        "feeds": feeds,
    }


def _point_at(error: QueryError) -> str:
    if error.position is None or not error.query:
        return error.message
    return f"{error.message}\n  {error.query}\n  {' ' * error.position}^"
