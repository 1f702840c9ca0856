"""The explain command: why an article is where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import json_object, local_time, print_json, say, told_twins
from aggregator.errors import NotFound
from aggregator.pipeline.explaining import Explanation, Verdict, explain_article
from aggregator.query.explain import Part

#: longer lists of alternatives are cut on a terminal
LONGEST = 160


@click.command()
@click.argument("article", metavar="ID|URL")
@click.option("--feed", "only", metavar="SLUG", help="Only this feed, topic or source, part by part.")
@json_object
@click.pass_obj
def explain(session: Session, article: str, only: str | None, as_json: bool) -> None:
    """Say why an article is in each feed and topic or not, and what happened to it."""
    session.catch_up()
    with session.reading() as connection:
        found = explain_article(connection, session.in_force(connection), article)
    verdicts = [verdict for verdict in found.verdicts if only in (None, verdict.slug)]
    if only and not verdicts:
        raise NotFound(f"there is no feed or topic {only!r}, nor is that its source")
    if as_json:
        print_json(_as_json(found, verdicts))
        return
    _describe(found)
    for verdict in verdicts:
        _tell(verdict)
        if only and verdict.part:
            _tell_part(verdict.part, 2)


def _describe(found: Explanation) -> None:
    one, entry = found.article, found.article.entry
    say(f"{one.id}: {entry.title or '(no title)'}")
    say(f"  {entry.link or '(no link)'}")
    # "out" is the word of a verdict, too, and means the opposite there
    state = "published" if one.state == "out" else one.state
    say(f"  {state}{': ' if one.reason else ''}{one.reason}, from {found.source.slug}")
    say(f"  published as {one.published_id}, sorted by {local_time(one.sort_date)}")
    if found.twins:
        say(f"  {told_twins(found.twins)}")
    for event in found.history:
        say(f"  {local_time(event.at)}  {event.what}")
    if found.full_text:
        say(f"  {found.full_text}")
    if found.article.note:
        say(f"  note: {found.article.note}")
    for name in found.rewrites:
        say(f"  rewritten on its way out by: {name}")


def _tell(verdict: Verdict) -> None:
    word = "in " if verdict.is_shown else "not shown" if verdict.is_in else "out"
    because = "; ".join(verdict.because)
    because = because if len(because) <= LONGEST else because[: LONGEST - 1] + "…"
    say(f"{word:<9} {verdict.kind} {verdict.slug}: {because}")
    if (copy := verdict.instead) is not None:
        say(f"          {copy.article_id}: {copy.title or '(no title)'} ({copy.source}) {copy.link or ''}")


def _tell_part(part: Part, depth: int) -> None:
    mark = "yes" if part.is_met else "no "
    kinds = {"all": "all of", "any": "any of", "not": "not"}
    words = kinds.get(part.kind) or part.text
    say(f"{'  ' * depth}{mark} {words}{f'  ({part.reason})' if part.is_met and not part.parts else ''}")
    for below in part.parts:
        _tell_part(below, depth + 1)


def _as_json(found: Explanation, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    one = found.article
    return {
        "article": one.id,
        "title": one.entry.title,
        "link": one.entry.link,
        "source": found.source.slug,
        "published_id": one.published_id,
        "state": str(one.state),
        "reason": one.reason,
        "first_seen": one.first_seen,
        "sort_date": one.sort_date,
        "same_link": [{"article": number, "source": slug} for number, slug in found.twins],
        "topics": list(one.topics),
        "picked": one.is_picked,
        "note": one.note,
        "full_text": found.full_text or None,
        "rewritten_by": list(found.rewrites),
        "history": [asdict(event) for event in found.history],
        "feeds": [asdict(verdict) for verdict in verdicts],
    }
