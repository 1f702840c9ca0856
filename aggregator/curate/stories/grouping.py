"""Articles in, the story of each out: the whole of story-telling as one pure function.

It does what the program does with each new article, with the same one setting, without a store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from aggregator.curate.stories.index import StoryIndex
from aggregator.curate.stories.links import canonical_link
from aggregator.curate.stories.outlets import outlet_of
from aggregator.curate.stories.told import Decision, Told
from aggregator.query.sketch import dump_sketch, sketch_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What stories are told from: the little of an article that counts."""

    title: str
    #: summary or first sentences, plain text; may be empty
    summary: str = ""
    link: str | None = None
    #: UTC-aware
    at: datetime
    #: name of the source
    source: str
    #: page or feed of the source, by whose registrable domain feeds of one outlet are one; may be empty
    source_url: str = ""


def group_articles(
    reports: Iterable[Report], index: StoryIndex | None = None, first: int = 1
) -> Iterator[Decision]:
    """Yield where each article belongs, in their order, each decided when it comes.

    ``Decision.article_id`` is its number, counted from *first*; articles with one ``story_id`` tell one
    story, and ``related`` names stories about something close. Best told in the order in which they came.

    Args:
        index: knows earlier articles, and remembers these; None: there are none.
    """
    index = StoryIndex() if index is None else index
    for number, report in enumerate(reports, first):
        yield index.tell(told_of(number, report))


def told_of(number: int, report: Report) -> Told:
    """Return what the index is told of a report."""
    return Told(
        article_id=number,
        outlet=outlet_of(report.source_url, report.source),
        link=canonical_link(report.link),
        sketch=dump_sketch(sketch_of(report.title, report.summary)),
        at=report.at,
    )
