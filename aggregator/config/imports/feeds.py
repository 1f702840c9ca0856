"""Which feeds an imported list gets: its own, one of everything, one for each folder; filters as rules.

What articles of single sources must meet stands in the feed's query where there is one feed and
it is short, else in rule sets that every feed names.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from aggregator.config.imports.conditions import is_query, negated, packed
from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import free_slug
from aggregator.query.fields import source_key

#: characters of a query that a person still reads
_SHORT = 300
_LONGEST = 900


def feeds_of(
    imported: Imported, listed: list[Subscription], lost: list[str]
) -> tuple[dict[str, str], dict[str, dict[str, object]]]:
    """Return the rule sets by name, and the feeds by slug with their keys.

    Args:
        listed: the sources as they are written, with their names.
        lost: takes in a sentence for each filter that is no query.
    """
    feeds: dict[str, dict[str, object]] = {slug: dict(keys) for slug, keys in imported.feeds.items()}
    if not feeds:
        feeds = {"everything": {"title": "Everything"}, **_folders(imported.folders, listed)}
    pieces = _pieces(listed, lost)
    if len(feeds) == 1 and len(" ".join(pieces)) <= _SHORT:
        rules, added = {}, pieces
    else:
        queries = packed(pieces, " ", lambda some: len(some) <= _LONGEST and is_query(some))
        rules = {f"filters-{n}" if n > 1 else "filters": query for n, query in enumerate(queries, 1)}
        added = [f"rule:{name}" for name in rules]
    for slug, keys in feeds.items():
        query = " ".join(filter(None, [str(keys.get("query", "")), *added]))
        if query and is_query(query):
            keys["query"] = query
        elif query:
            lost.append(f"filters of the feed {slug}: together they are too long for one query")
            if not is_query(str(keys.get("query", ""))):
                keys.pop("query", None)
    return rules, feeds


def _folders(folders: Mapping[str, str], listed: list[Subscription]) -> dict[str, dict[str, object]]:
    """Return a feed for each folder that holds some sources, and not all."""
    made: dict[str, dict[str, object]] = {}
    for tag, title in folders.items():
        if 0 < sum(tag in each.tags for each in listed) < len(listed):
            made[free_slug(tag, {"everything", *made})] = {"title": title, "query": f"tag:{tag}"}
    return made


def _pieces(listed: list[Subscription], lost: list[str]) -> list[str]:
    """Return a query for each filter: articles of its source must meet it; those of others need not."""
    made = []
    for each in listed:
        handle = source_key(each.name) or (urlsplit(each.url).hostname or "").removeprefix("www.")
        for condition in each.conditions:
            piece = f'-(source:"{handle}" {negated(condition)})'
            if is_query(piece) and len(piece) <= _LONGEST:
                made.append(piece)
            else:
                lost.append(f"{each.name or each.url}: a filter that is too long for one query")
    return made
