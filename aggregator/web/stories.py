"""A story for people: who reports it, when each came, how the headlines differ. It only reads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from flask import Blueprint, Response, abort

from aggregator.publish.addresses import story_url
from aggregator.publish.headlines import Headline, headline
from aggregator.query.text import fold
from aggregator.store.stories.coverage import read_story
from aggregator.web.current import desk, show
from aggregator.web.pages import TERMS, page

story_pages = Blueprint("stories", __name__)
_TIES = {
    "first": "first seen",
    "link": "same page",
    "text": "same text",
    "event": "same event",
    "person": "put here by hand",
}
#: what belongs to a word by an apostrophe is no word of its own
_WORD = re.compile(r"\w+(?:['’]\w+)*|\W+")
_APOSTROPHE = re.compile("['’]")


@dataclass(frozen=True, slots=True)
class Report:
    """One article of a story; *parts* is its headline, each with whether only it says so."""

    headline: Headline
    tie: str
    parts: tuple[tuple[str, bool], ...]


@story_pages.get("/stories/<number:story_id>")
def story(story_id: int) -> Response:
    """Answer with the page of one story."""
    told = desk().read(read_story, story_id)
    if not told:
        abort(404)
    site = desk().site
    headlines = [headline(article, source, site) for article, source, _ in told]
    own = distinct([one.title for one in headlines])
    reports = [
        Report(one, _TIES.get(membership.tie, membership.tie), parts)
        for one, (_, _, membership), parts in zip(headlines, told, own, strict=True)
    ]
    shown = page(
        "story.html",
        title=headlines[0].title,
        reports=reports,
        outlets=len({source.id for _, source, _ in told}),
        canonical=story_url(site, story_id),
    )
    return show(shown, TERMS)


def distinct(titles: Sequence[str]) -> list[tuple[tuple[str, bool], ...]]:
    """Return each title in parts, each part with whether no other title has its words.

    Words that stand side by side are one part; one title alone has no words of its own.
    """
    words = [{_word(part) for part in _WORD.findall(title)} for title in titles]
    counts = Counter(word for own in words for word in own)
    several = len(titles) > 1

    def is_own(part: str) -> bool:
        return several and part[0].isalnum() and counts[_word(part)] == 1

    return [_joined([(part, is_own(part)) for part in _WORD.findall(title)]) for title in titles]


def _word(part: str) -> str:
    """Return what a word is known by: of *princess’s* and *l’avenir* the longer part."""
    return fold(max(_APOSTROPHE.split(part), key=len))


def _joined(parts: list[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """Make one part of neighbours of one kind; a blank between two words of one kind is of that kind."""
    for place in range(1, len(parts) - 1):
        if parts[place][0].isspace() and parts[place - 1][1] and parts[place + 1][1]:
            parts[place] = (parts[place][0], True)
    return tuple(
        ("".join(part for part, _ in some), is_own) for is_own, some in groupby(parts, key=itemgetter(1))
    )
