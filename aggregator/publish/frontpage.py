"""The newspaper's front page: editions of the front feed and of the topics in, one FrontPage out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from aggregator.model import Edition, Item, Site
from aggregator.publish.characters import clean_line, web_url
from aggregator.publish.headlines import Headline, item_headline
from aggregator.publish.leading import leading_blocks
from aggregator.publish.pages import Sound, page_href, readable, sounds

#: a lead story has at least so many words, if any story of the edition has
LEAD_WORDS = 300
#: and about so many of them stand on the front page
LEAD_SHOWN = 260
#: the lead is looked for among so many articles at the top of the edition
LEAD_AMONG = 20
SECONDS = 4
PER_SECTION = 5
#: like the headline list of a printed front page
LATEST = 50


@dataclass(frozen=True, slots=True)
class Lead:
    """The lead story."""

    headline: Headline
    #: the beginning of its text with its crossheads, sanitised HTML; empty if the rights forbid it
    text: str
    #: there is more on its own page
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Section:
    """What is told under one topic."""

    title: str
    href: str
    headlines: tuple[Headline, ...]


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The newspaper's first page. No article stands twice above the list of headlines."""

    lead: Lead | None
    #: the stories beside the lead
    seconds: tuple[Headline, ...]
    sections: tuple[Section, ...]
    #: newest first
    latest: tuple[Headline, ...]
    #: the newest thing to listen to; None if there is none
    sound: Sound | None


def front_page(
    site: Site,
    front: Edition | None,
    topics: tuple[Edition, ...],
    may_lead: Callable[[Item], bool] | None = None,
) -> FrontPage:
    """Return the first page: lead, seconds, a section for each topic, the latest headlines.

    Args:
        may_lead: tells which articles were chosen to lead; None: what editors picked.
    """
    items = front.items if front else _newest(topics)
    lead = find_lead(items, may_lead)
    # a small paper keeps its stories for the sections
    second = [item for item in items if item is not lead][: min(SECONDS, len(items) // 4)]
    shown = {item.article.id for item in (lead, *second) if item}
    heard = (sound for item in (*items, *_newest(topics)) for sound in sounds(item.article.entry))
    return FrontPage(
        lead=_lead(lead, site) if lead else None,
        seconds=tuple(item_headline(item, site) for item in second),
        sections=tuple(_sections(topics, shown)),
        latest=tuple(item_headline(item, site) for item in newest_first(items)[:LATEST]),
        sound=next(heard, None),
    )


def find_lead(items: Sequence[Item], may_lead: Callable[[Item], bool] | None) -> Item | None:
    """Return the first story that was chosen, else the first with enough text that may be shown, else the
    first with a picture, else the first; None if there is none. Where nothing says what may lead, it is
    what editors picked."""
    choose = may_lead or _is_picked
    chosen = next((item for item in items if choose(item)), None)
    if chosen is not None:
        return chosen
    top = items[:LEAD_AMONG]
    long = (
        item
        for item in top
        if item.article.entry.words >= LEAD_WORDS and readable(item.article.entry, item.source)
    )
    pictured = (item for item in items if web_url(item.article.entry.image))
    return next(chain(long, pictured, top), None)


def newest_first(items: Iterable[Item]) -> list[Item]:
    """Return *items* by their sort dates."""
    return sorted(items, key=lambda item: (item.article.sort_date, item.article.id), reverse=True)


def _is_picked(item: Item) -> bool:
    return item.article.is_picked


def _lead(item: Item, site: Site) -> Lead:
    whole = readable(item.article.entry, item.source)
    text, goes_on = leading_blocks(whole, LEAD_SHOWN)
    return Lead(item_headline(item, site), text, goes_on)


def _sections(topics: Iterable[Edition], shown: set[int]) -> Iterable[Section]:
    for topic in topics:
        fresh = [item for item in topic.items if item.article.id not in shown][:PER_SECTION]
        shown.update(item.article.id for item in fresh)
        if fresh:
            told = tuple(item_headline(item, topic.site) for item in fresh)
            yield Section(clean_line(topic.feed.title), page_href(topic.site, topic.feed), told)


def _newest(topics: Iterable[Edition]) -> tuple[Item, ...]:
    return tuple(
        newest_first({item.article.id: item for topic in topics for item in topic.items}.values())[:LATEST]
    )
