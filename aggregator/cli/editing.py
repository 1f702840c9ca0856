"""Commands that decide by hand: held, release, reject, pick, hide, note, post, withdraw, undo, marks."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import json_lines, limit_option, local_time, print_each, say, told_twins
from aggregator.errors import AggregatorError
from aggregator.model import Article
from aggregator.pipeline.editing import Draft, mark_article, post_article
from aggregator.pipeline.editing import undo as undo_mark
from aggregator.store.articles.listing import held_articles, list_twins
from aggregator.store.articles.marks import Mark, newest_marks
from aggregator.store.articles.recall import find_article
from aggregator.store.sources.cards import load_cards

_minute = partial(local_time, seconds=False)
#: what is said of an article about which that was decided
_DONE = {
    "release": "released",
    "reject": "rejected",
    "pick": "picked",
    "hide": "hidden",
    "withdraw": "withdrawn",
    "note": "noted",
}


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


_by = click.option("--by", "who", default=_me, metavar="NAME", help="Who decides; you if left out.")
_because = click.option("--because", "words", default="", metavar="TEXT", help="The reason, for explain.")
_articles = click.argument("articles", nargs=-1, required=True, metavar="ID|URL...")


@click.command()
@limit_option(200)
@json_lines
@click.pass_obj
def held(session: Session, limit: int, as_json: bool) -> None:
    """List the articles that wait at the gate, with the reason and when they go out."""
    session.catch_up()
    with session.reading() as connection:
        waiting = held_articles(connection, limit=limit)
        slugs = {card.id: card.slug for card in load_cards(connection).values()}

    def told(article: Article) -> str:
        until = _minute(article.release_at) if article.release_at else "when released"
        return (
            f"{article.id:>8}  {until:<16}  {article.entry.title or '(no title)'}\n"
            f"          {slugs[article.source_id]}: {article.reason}"
        )

    def values(article: Article) -> dict[str, Any]:
        return {
            "article": article.id,
            "source": slugs[article.source_id],
            "title": article.entry.title,
            "link": article.entry.link,
            "reason": article.reason,
            "first_seen": article.first_seen,
            "release_at": article.release_at,
        }

    print_each(waiting, as_json, values, told, "Nothing is held.")


@click.command()
@click.argument("articles", nargs=-1, metavar="[ID|URL]...")
@click.option("--all", "everything", is_flag=True, help="Everything that is held.")
@_by
@click.pass_obj
def release(session: Session, articles: tuple[str, ...], everything: bool, who: str) -> None:
    """Let held or silently stored articles out now."""
    if not articles and not everything:
        raise click.UsageError("name articles, or --all")
    session.put_in_force()
    if everything:
        with session.reading() as connection:
            articles = tuple(str(article.id) for article in held_articles(connection, limit=100_000))
        if not articles:
            say("Nothing is held.", err=True)
    _mark_each(session, articles, "release", who)


def _deciding(kind: str, does: str, *options: Callable[[click.Command], click.Command]) -> click.Command:
    """Return the command that decides *kind* about articles."""

    @click.command(kind, help=does)
    @_articles
    @_by
    @click.pass_obj
    def command(session: Session, articles: tuple[str, ...], who: str, words: str = "") -> None:
        _mark_each(session, articles, kind, who, words)

    for option in options:
        command = option(command)
    return command


reject = _deciding("reject", "Keep held articles from going out.", _because)
pick = _deciding("pick", "Choose articles: what picked:true finds.")
hide = _deciding("hide", "Take articles out of every feed, quietly.", _because)
withdraw = _deciding("withdraw", "Take articles back: out of every feed, and their page says so.", _because)


@click.command()
@click.argument("article", metavar="ID|URL")
@click.argument("words", metavar="TEXT")
@_by
@click.pass_obj
def note(session: Session, article: str, words: str, who: str) -> None:
    """Show a sentence of yours with an article."""
    _mark_each(session, (article,), "note", who, words)


@click.command()
@_articles
@_by
@click.pass_obj
def undo(session: Session, articles: tuple[str, ...], who: str) -> None:
    """Take back the latest decision about each article that still stands."""

    def decide(address: str) -> str:
        mark = undo_mark(session.engine, address, who=who, now=datetime.now(UTC))
        return f"{mark.article_id}: {mark.kind} of {mark.who}, {_minute(mark.at)}, is undone"

    _each(session, articles, decide)


@click.command()
@click.argument("title")
@click.argument("text", default="")
@click.option("--link", metavar="URL", help="Where the title leads; the article's own page if left out.")
@click.option("--category", "categories", multiple=True, metavar="LABEL", help="May be given several times.")
@click.option("--pick", "is_picked", is_flag=True, help="Pick it, too.")
@_by
@click.pass_obj
def post(
    session: Session,
    title: str,
    text: str,
    link: str | None,
    categories: tuple[str, ...],
    is_picked: bool,
    who: str,
) -> None:
    """Write an article by hand; TEXT is plain, - reads it from standard input."""
    session.put_in_force()
    if link and not link.lower().startswith(("http://", "https://")):
        raise click.UsageError("--link is an http or https address")
    body = sys.stdin.read() if text == "-" else text
    draft = Draft(title, body, link, categories, is_picked)
    article = post_article(session.engine, draft, who=who, now=datetime.now(UTC))
    say(f"{article.id}: posted")


@click.command()
@limit_option(50)
@json_lines
@click.pass_obj
def marks(session: Session, limit: int, as_json: bool) -> None:
    """List what was decided by hand, by whom and when; newest first."""
    with session.reading() as connection:
        found = newest_marks(connection, limit)
        known = {mark.article_id: find_article(connection, mark.article_id) for mark in found}
    titles = {number: article.entry.title if article else "" for number, article in known.items()}

    def told(mark: Mark) -> str:
        undone = f"  (undone by {mark.undone_by}, {_minute(mark.undone_at)})" if mark.undone_at else ""
        words = f": {mark.words}" if mark.words else ""
        what = f"{mark.kind} {mark.article_id} {titles[mark.article_id]}"
        return f"{_minute(mark.at)}  {mark.who}  {what}{words}{undone}"

    def values(mark: Mark) -> dict[str, Any]:
        return {
            "article": mark.article_id,
            "title": titles[mark.article_id],
            "kind": mark.kind,
            "words": mark.words,
            "who": mark.who,
            "at": mark.at,
            "undone_by": mark.undone_by,
            "undone_at": mark.undone_at,
        }

    print_each(found, as_json, values, told, "Nothing was decided by hand.")


def _mark_each(session: Session, articles: tuple[str, ...], kind: str, who: str, words: str = "") -> None:
    def decide(address: str) -> str:
        now = datetime.now(UTC)
        article = mark_article(session.engine, address, kind, who=who, now=now, words=words)
        with session.reading() as connection:
            twins = list_twins(connection, article)
        told = f"\n  {told_twins(twins)}" if twins else ""
        return f"{article.id}: {_DONE[kind]}: {article.entry.title or '(no title)'}{told}"

    _each(session, articles, decide)


def _each(session: Session, articles: tuple[str, ...], decide: Callable[[str], str]) -> None:
    """Decide about every article; those that cannot be decided about are named, the others are done."""
    session.put_in_force()
    failed = False
    for address in articles:
        try:
            say(decide(address))
        except AggregatorError as error:
            failed = True
            say(str(error), err=True)
    sys.exit(1 if failed else 0)
