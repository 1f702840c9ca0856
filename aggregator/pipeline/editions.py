"""What feeds hold, read from the store: a head in, an Edition out; the live document, an archive, or less.

publish_feed strings reading, arranging, rewriting and rendering together; pages stop before the last.
Nothing is written to the store.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.curate.arrange import arrange, first_rows_for, rows_for
from aggregator.curate.rewrite import PLAIN, Looks, rewrite
from aggregator.curate.rolls import roll_issues
from aggregator.model import Archive, Edition, FeedHead, Issue, Item, Rendered, Site
from aggregator.publish.problems import items_of
from aggregator.publish.rolls import issue_title, spell_out
from aggregator.query.glossary import Glossary
from aggregator.query.parse import parse_query
from aggregator.store.articles.search import search_feed
from aggregator.store.engine import Connection
from aggregator.store.feeds.archives import read_archive, read_withdrawn
from aggregator.store.feeds.bylines import read_signed
from aggregator.store.feeds.issues import MOST, find_issue, issues_begun, list_issues, read_issues
from aggregator.store.feeds.items import read_items
from aggregator.store.feeds.live import read_live
from aggregator.store.problems import read_problems


def publish_feed(
    connection: Connection,
    head: FeedHead,
    site: Site,
    form: str,
    looks: Looks = PLAIN,
) -> Rendered:
    """Write the live document of one feed as *form*: "atom", "rss" or "json"."""
    from aggregator.publish.render import render  # a worker writes none unless it is asked to

    return render(live_edition(connection, head, site, looks), form)


def edition_of(
    connection: Connection, head: FeedHead, site: Site, limit: int | None = None, looks: Looks = PLAIN
) -> Edition:
    """Return the newest articles that a feed holds now, as they are published.

    Args:
        limit: how many at most; None for the feed's own.
    """
    return rewritten(_newest(connection, head, site, limit, looks), looks)


def narrowed_edition(
    connection: Connection, head: FeedHead, site: Site, shown: FeedHead, query: str, looks: Looks
) -> Edition:
    """Return what a feed holds of what matches *query*, newest first, under the head *shown*.

    The query sees articles as they are stored; they are published as the rewrite rules say. Copies
    are joined as in the whole feed; a digest has the issues that tell any of it, and only that of them.
    """
    at = head.changed_at or datetime.min.replace(tzinfo=UTC)
    asked = looks.glossary.expand(parse_query(query))
    plain = replace(shown, order="newest", per_source=None, max_age_s=None)
    most = MOST if head.timed else rows_for(plain)
    found = search_feed(connection, head, asked, limit=most, now=at)
    items = arrange(replace(plain, limit=len(found) or 1), found, site.timezone, glossary=looks.glossary)
    if _is_digest(head):
        some = (_narrowed_issue(one, query) for one in list_issues(connection, head, MOST))
        items = tuple(roll_issues(some, items))
    return rewritten(Edition(site, shown, items[: shown.limit]), looks)


def _narrowed_issue(issue: Issue, query: str) -> Issue:
    """Return the issue under an id of its own: what tells less is another entry."""
    return replace(issue, uid=uuid.uuid5(uuid.UUID(issue.uid.removeprefix("urn:uuid:")), query).urn)


def rewritten(edition: Edition, looks: Looks) -> Edition:
    """Return the edition with its articles changed as the rewrite rules say."""
    if edition.feed.is_own:
        return edition
    items = (
        _told_in_one(item, edition, looks) if item.roll else rewrite(item, looks) for item in edition.items
    )
    return replace(edition, items=tuple(items))


def _told_in_one(item: Item, edition: Edition, looks: Looks) -> Item:
    assert item.roll is not None
    roll = replace(item.roll, items=tuple(rewrite(one, looks) for one in item.roll.items))
    return spell_out(replace(item, roll=roll), edition.feed, edition.site)


def _newest(connection: Connection, head: FeedHead, site: Site, limit: int | None, looks: Looks) -> Edition:
    shown = replace(head, limit=limit) if limit else head
    if head.is_own:
        return Edition(site, shown, items_of(read_problems(connection, shown.limit), site))
    if head.kind == "author":
        return Edition(site, head, read_signed(connection, head.slug, limit=shown.limit))
    if head.timed is not None:
        return Edition(site, head, _issued(connection, shown, site, looks))
    return Edition(site, head, _filled(connection, shown, site, looks))


def _filled(connection: Connection, head: FeedHead, site: Site, looks: Looks) -> tuple[Item, ...]:
    """Return the newest entries of a feed; what is behind the first rows is read only if they are too few."""
    first, all_rows = first_rows_for(head), rows_for(head)
    items = read_items(connection, head, limit=first)
    arranged = arrange(head, items, site.timezone, glossary=looks.glossary)
    if len(arranged) == head.limit or len(items) < first or first == all_rows:
        return arranged
    items = read_items(connection, head, limit=all_rows)
    return arrange(head, items, site.timezone, glossary=looks.glossary)


def _issued(connection: Connection, head: FeedHead, site: Site, looks: Looks) -> tuple[Item, ...]:
    """Return what the newest issues of a time-shaped feed hold: an entry each, or their stories."""
    some = list_issues(connection, head, head.limit)
    items = read_issues(connection, head, some)
    whole = replace(head, limit=len(items) or 1)
    arranged = arrange(whole, items, site.timezone, glossary=looks.glossary)
    return tuple(roll_issues(some, arranged)) if _is_digest(head) else arranged[: head.limit]


def issue_edition(
    connection: Connection, head: FeedHead, site: Site, number: int, looks: Looks
) -> Edition | None:
    """Return the stories of one issue as it was ordered; None if there is no issue of that number."""
    issue = find_issue(connection, head, number)
    if issue is None:
        return None
    items = read_issues(connection, head, [issue])
    shown = replace(head, title=issue_title(issue, head, site), changed_at=issue.at, limit=len(items) or 1)
    return rewritten(
        Edition(site, shown, arrange(shown, items, site.timezone, glossary=looks.glossary)), looks
    )


def _is_digest(head: FeedHead) -> bool:
    return head.timed is not None and head.timed.form == "digest"


def live_edition(connection: Connection, head: FeedHead, site: Site, looks: Looks) -> Edition:
    """Return the newest articles, and whatever else a subscriber might miss otherwise."""
    if head.is_own or head.kind == "author":
        return edition_of(connection, head, site, None, looks)
    if head.timed is not None:
        told = () if _is_digest(head) else read_withdrawn(connection, head)
        return rewritten(Edition(site, head, _issued(connection, head, site, looks), told), looks)
    shown = live_items(connection, head, site.timezone, looks.glossary)
    return rewritten(Edition(site, head, shown, read_withdrawn(connection, head)), looks)


def live_items(connection: Connection, head: FeedHead, timezone: str, glossary: Glossary) -> tuple[Item, ...]:
    """Return the articles in a feed's live document, as they are stored."""
    items, late = read_live(connection, head, limit=rows_for(head))
    arranged = arrange(replace(head, limit=len(items)), items, timezone, glossary=glossary)
    return tuple(item for place, item in enumerate(arranged) if place < head.limit or item.article.id in late)


def archived_edition(
    connection: Connection, head: FeedHead, site: Site, looks: Looks, archive: Archive
) -> Edition:
    """Return a closed part of a feed's past, as it was closed."""
    if _is_digest(head):
        return _archived_issues(connection, head, site, looks, archive)
    items = read_archive(connection, head, archive)
    # which copies belong together, and what is on top, changes later; a closed archive does not
    cap = None if head.per_source and head.per_source.rolls_up else head.per_source
    whole = replace(head, limit=len(items), duplicates="keep", order="newest", per_source=cap)
    arranged = arrange(whole, items, site.timezone, at=archive.closed_at, glossary=looks.glossary)
    told = read_withdrawn(connection, head, archive)
    return rewritten(Edition(site, head, arranged, told, archive), looks)


def _archived_issues(
    connection: Connection, head: FeedHead, site: Site, looks: Looks, archive: Archive
) -> Edition:
    """Return the issues that began in a closed part of a digest's past, each whole."""
    some = issues_begun(connection, head, archive.first, archive.last)
    if not some:
        return Edition(site, head, (), (), archive)
    reach = replace(archive, first=some[-1].first, last=some[0].last)
    items = read_archive(connection, head, reach)
    whole = replace(head, limit=len(items) or 1, duplicates="keep")
    arranged = arrange(whole, items, site.timezone, at=archive.closed_at, glossary=looks.glossary)
    return rewritten(Edition(site, head, tuple(roll_issues(some, arranged)), (), archive), looks)
