"""A roll is spelled out: an item that tells several flows in, an ordinary entry flows out.

So every format and page shows it as it shows any other. What is written depends on the stored
items alone, never on a clock; of each no more is told than its source and the feed allow.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from html import escape

from aggregator.model import FeedHead, Issue, Item, Roll, Site, SourceCard
from aggregator.publish.addresses import article_url, home_url, issue_url, page_path, page_url, public_url
from aggregator.publish.characters import clean_line, web_url
from aggregator.publish.headlines import zone_of
from aggregator.publish.outgoing import stricter
from aggregator.publish.titles import (
    HEADLINE_CHARS,
    entry_title,
    excerpt,
    feed_title,
    source_name,
)


def spell_out(item: Item, head: FeedHead, site: Site) -> Item:
    """Return the item as an entry with title, link and text; one without a roll as it is."""
    roll = item.roll
    if roll is None:
        return item
    link, card = _rest_place(item, site) if roll.issue is None else _issue_place(roll.issue, head, site)
    lines = "".join(_line(one, head, site) for one in roll.items)
    entry = replace(
        item.article.entry,
        title=_title(item, roll, head, site),
        link=link,
        summary=f"<p>{escape(_said(roll), quote=False)}</p>",
        content=f"<ol>{lines}</ol>",
        language=site.language,
    )
    return replace(item, article=replace(item.article, entry=entry), source=card)


def issue_title(issue: Issue, head: FeedHead, site: Site) -> str:
    """Return the title of an issue: the feed's and the day it came out."""
    return f"{feed_title(head)}, {_day(issue.at, site)}"


def _issue_place(issue: Issue, head: FeedHead, site: Site) -> tuple[str, SourceCard]:
    card = SourceCard(
        id=0, slug="aggregator", name=clean_line(site.title), url=page_url(site, head), link=home_url(site)
    )
    return issue_url(site, head, issue.number), card


def _rest_place(item: Item, site: Site) -> tuple[str, SourceCard]:
    own = public_url(site, page_path("source", item.source.slug))
    # titles and links of its own articles; of the texts no more is told than it allows
    return own, replace(item.source, content="full")


def _title(item: Item, roll: Roll, head: FeedHead, site: Site) -> str:
    if roll.issue is not None:
        return issue_title(roll.issue, head, site)
    name = source_name(item.source)
    return f"More from {name}, {_day(item.article.sort_date, site)}"


def _said(roll: Roll) -> str:
    titles = [clean_line(one.article.entry.title) for one in roll.items]
    return " · ".join(title for title in titles if title)


def _line(item: Item, head: FeedHead, site: Site) -> str:
    entry = item.article.entry
    link = web_url(entry.link) or article_url(site, item.article.id)
    title = entry_title(entry) or "Untitled"
    told = (
        ""
        if stricter(head, item.source) == "link"
        else excerpt(entry.summary or entry.content, HEADLINE_CHARS)
    )
    text = f"<p>{escape(told, quote=False)}</p>" if told else ""
    others = [
        f'<a href="{escape(href)}">{escape(one.source, quote=False)}</a>'
        for one in item.also
        if (href := web_url(one.link))
    ]
    also = f" Also at: {', '.join(others)}." if others else ""
    source = escape(source_name(item.source), quote=False)
    return (
        f'<li><p><a href="{escape(link)}">{escape(title, quote=False)}</a> ({source}).{also}</p>{text}</li>'
    )


def _day(at: datetime, site: Site) -> str:
    local = at.astimezone(zone_of(site.timezone))
    return f"{local:%A}, {local.day} {local:%B %Y}"
