"""Articles as they stand in lists: an article and its source in, a Headline out. No clock asked.

The same article is listed on many pages and again after each change of a feed, so what was worked out
for it is remembered as long as the article itself is in memory.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregator.model import Article, Item, Person, Site, SourceCard
from aggregator.publish.addresses import article_path, author_path, page_path, prefix, public_url, story_path
from aggregator.publish.characters import clean_line, language_tag, web_url
from aggregator.publish.dates import rfc3339
from aggregator.publish.titles import HEADLINE_CHARS, entry_title, excerpt, source_name

#: languages written from right to left
RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "lrc", "mzn", "ps", "sd", "syr", "ug", "ur", "yi"}
)
#: names in a byline; an article may be signed by a hundred
NAMES = 20


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as a page shows it: for machines, and for people in the site's time zone."""

    iso: str
    #: "Thursday, Dec 25, 2025"
    day: str
    #: "25 Dec 2025, 08:30"
    text: str


@dataclass(frozen=True, slots=True)
class Byline:
    """Somebody who signed an article."""

    name: str
    #: our page of what is signed so; None: there is none
    href: str | None


@dataclass(frozen=True, slots=True)
class Headline:
    """An article in a list."""

    title: str
    #: our page of it, below the site's own path
    href: str
    #: the publisher's page; ours if it has none
    link: str
    source: str
    source_href: str
    at: Moment
    #: plain text, may be empty
    excerpt: str
    image: str | None
    #: BCP 47; None if not known
    language: str | None
    #: the language where it is not the site's; None where it is
    lang: str | None
    #: "rtl" or "ltr" where the language says so, else "auto": the first letter decides
    dir: str
    authors: tuple[Byline, ...]
    #: a picture of whoever writes the source; None if none is configured
    face: str | None
    #: our page of its story, and how many reports of it are joined; None and 1 where it stands alone
    story_href: str | None = None
    reports: int = 1


_Known = tuple[weakref.ref[Article], SourceCard, Site, Headline]
_known: dict[int, _Known] = {}


def headline(article: Article, source: SourceCard, site: Site) -> Headline:
    """Return an article as it stands in a list."""
    key = id(article)
    known = _known.get(key)
    if (
        known is not None
        and known[0]() is article
        and (known[1] is source or known[1] == source)
        and known[2] is site
    ):
        return known[3]
    made = _headline(article, source, site)
    _known[key] = (weakref.ref(article, lambda _: _known.pop(key, None)), source, site, made)
    return made


def item_headline(item: Item, site: Site) -> Headline:
    """Return an item as it stands in a list; what tells several in one leads to its own page."""
    shown = headline(item.article, item.source, site)
    if item.also and item.story:
        story_href = prefix(site) + story_path(item.story.story_id)
        return replace(shown, story_href=story_href, reports=len(item.also) + 1)
    if item.roll is None:
        return shown
    href = prefix(site) + shown.link.removeprefix(public_url(site, ""))
    return replace(shown, href=href, source_href=href)


def moment(at: datetime, site: Site) -> Moment:
    """Return *at* as shown on the pages of *site*."""
    return _moment(at, site.timezone)


def zone_of(name: str) -> tzinfo:
    """Return the time zone of that name; UTC if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def direction_of(language: str | None) -> str:
    """Return "rtl" or "ltr" as a language tag says; "auto" for None."""
    if language is None:
        return "auto"
    main, *subtags = language.lower().split("-")
    is_arabic = "arab" in subtags or "hebr" in subtags
    return "rtl" if is_arabic or (main in RIGHT_TO_LEFT and "latn" not in subtags) else "ltr"


@lru_cache(maxsize=8192)
def _moment(at: datetime, timezone: str) -> Moment:
    local = at.astimezone(zone_of(timezone))
    return Moment(
        rfc3339(at), f"{local:%A, %b} {local.day}, {local.year}", f"{local.day} {local:%b %Y, %H:%M}"
    )


def _headline(article: Article, source: SourceCard, site: Site) -> Headline:
    entry, base = article.entry, prefix(site)
    href = base + article_path(article.id)
    language = language_tag(source.own_language or entry.language or source.language)
    return Headline(
        title=entry_title(entry) or "Untitled",
        href=href,
        link=web_url(entry.link) or href,
        source=source_name(source),
        source_href=base + page_path("source", source.slug),
        at=moment(article.sort_date, site),
        excerpt="" if source.content == "link" else excerpt(entry.summary or entry.content, HEADLINE_CHARS),
        image=web_url(entry.image),
        language=language,
        lang=language if language and language != site.language else None,
        dir=direction_of(language),
        authors=tuple(_byline(person, base) for person in entry.authors[:NAMES] if _name(person)),
        face=web_url(source.face) or (f"{base}/static/{source.face}" if source.face else None),
    )


def _byline(person: Person, base: str) -> Byline:
    # a name given by a rule signs nothing in the store
    path = None if person.is_assigned else author_path(person.name)
    return Byline(_name(person), base + path if path else None)


def _name(person: Person) -> str:
    return clean_line(person.name)
