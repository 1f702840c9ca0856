"""Feeds as JSON records, from the API of Miniflux (``/v1/feeds``) or Feedbin: values in, ours out.

Miniflux's names are those of its OPML in other letters, so its settings are read by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import line_of, tag_of, tags_of
from aggregator.errors import ConfigurationError, Problem

_DISABLED = "feeds that are switched off: left out"
#: records that hold the list, as some programs answer
_AROUND = ("feeds", "subscriptions", "data")


def read_records(document: object, place: str) -> Imported:
    """Return what a JSON document lists.

    Raises:
        ConfigurationError: it holds no record with the address of a feed.
    """
    if isinstance(document, dict):
        document = next((document[key] for key in _AROUND if isinstance(document.get(key), list)), [])
    records = [each for each in document if isinstance(each, dict)] if isinstance(document, list) else []
    feeds = [each for each in records if isinstance(url := each.get("feed_url"), str) and url]
    if not feeds:
        raise ConfigurationError([Problem(place, 0, 0, "", "this JSON has no records with a feed_url")])
    enabled = [each for each in feeds if each.get("disabled") is not True]
    folders = {tag_of(name): name for each in enabled if (name := _category(each))}
    lost = [f"{_DISABLED} ({len(feeds) - len(enabled)})"] if len(enabled) < len(feeds) else []
    return Imported(
        format="JSON",
        subscriptions=tuple(map(_subscription, enabled)),
        folders=folders,
        lost=tuple(lost),
    )


def _subscription(record: Mapping[str, object]) -> Subscription:
    attributes = {
        _camel(name): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in record.items()
        if isinstance(value, str | bool) and value
    }
    if attributes.get("username"):
        attributes["credentials"] = f"{attributes['username']}:{attributes.get('password', '')}"
    category = _category(record)
    return Subscription(
        url=attributes["feedUrl"].strip(),
        name=line_of(attributes.get("title")),
        tags=tags_of([category]),
        attributes=attributes,
    )


def _category(record: Mapping[str, object]) -> str:
    category = record.get("category")
    title = category.get("title") if isinstance(category, dict) else category
    return line_of(title)


def _camel(name: str) -> str:
    """Return the name that an attribute has in Miniflux's OPML: ``proxy_url`` is ``proxyUrl`` there."""
    name = name.replace("urlrewrite", "url_rewrite").replace("http_cache", "HTTP_cache")
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
