"""The paper of a day gone by: the front page's articles by their date, in the paper's time zone."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, time, timedelta

from flask import Blueprint, abort

from aggregator.model import Edition, FeedHead, Rendered
from aggregator.publish.addresses import public_url
from aggregator.publish.frontpage import front_page
from aggregator.publish.headlines import moment, zone_of
from aggregator.publish.pages import subscriptions
from aggregator.store.feeds.items import load_dates, read_items
from aggregator.web.current import desk, remembered
from aggregator.web.pages import TERMS, find_front, page

editions = Blueprint("editions", __name__)
#: articles looked at for the list of days, and shown of one day
LISTED, SHOWN = 5000, 200
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


@editions.get("/editions")
@remembered(TERMS)
def days() -> Rendered:
    """Answer with the days there is a paper of, newest first."""
    head = find_front()
    dates = desk().read(load_dates, head, LISTED) if head else ()
    zone = zone_of(desk().site.timezone)
    counts = Counter(at.astimezone(zone).date() for at in dates)
    if len(dates) == LISTED:
        counts[min(counts)] = 0  # there may be more of the last day than was looked at
    listed = [(day.isoformat(), _noon(day), count) for day, count in counts.items()]
    return page("editions.html", days=listed, canonical=public_url(desk().site, "/editions"))


@editions.get("/editions/<day>")
@remembered(TERMS)
def edition(day: str) -> Rendered:
    """Answer with the paper of one day."""
    asked, head = _read_day(day), find_front()
    if asked is None or head is None:
        abort(404)
    start, end = _midnight(asked), _midnight(asked + timedelta(days=1))
    older = desk().read(read_items, head, limit=SHOWN, before=(end, 0))
    items = tuple(item for item in older if item.article.sort_date >= start)
    if not items:
        abort(404)
    site = desk().site
    topics = [one for one in desk().heads() if one.kind == "topic"]
    sections = (
        Edition(site, topic, tuple(item for item in items if topic.slug in item.article.topics))
        for topic in topics
    )
    return page(
        "edition.html",
        page=front_page(site, Edition(site, head, items), tuple(sections)),
        day=_noon(asked),
        before=_neighbour(head, asked),
        canonical=public_url(site, f"/editions/{day}"),
        subscribe=(),
        front_subscriptions=subscriptions(site, head),
    )


def _neighbour(head: FeedHead, day: date) -> str | None:
    """Return the last day before *day* that has a paper, None if there is none."""
    older = desk().read(read_items, head, limit=1, before=(_midnight(day), 0))
    if not older:
        return None
    return older[0].article.sort_date.astimezone(zone_of(desk().site.timezone)).date().isoformat()


def _read_day(text: str) -> date | None:
    if not _DAY.match(text):
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 < found.year < 9999 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), zone_of(desk().site.timezone))


def _noon(day: date) -> object:
    return moment(datetime.combine(day, time(12), zone_of(desk().site.timezone)), desk().site)
