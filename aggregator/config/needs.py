"""What settings need of each other, or exclude: plain values in, problems out.

Read leniently, so that it is told beside what else is wrong: whatever is of the wrong type the
schema complains of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aggregator.config.declared import entries_in, names_in, said_in
from aggregator.config.fields import SLUG_PATTERN
from aggregator.config.names import did_you_mean
from aggregator.config.positions import KeyPath, Plain
from aggregator.config.problems import Complaints, describe
from aggregator.config.sources import ADDRESSES
from aggregator.query.jsonpath import compile_path
from aggregator.query.selector import split_selector


def check_needs(file: dict[str, Plain], complaints: Complaints) -> None:
    """Complain of each setting that needs another one which is not there, or must not be."""
    usual = said_in(file.get("defaults")).get("content")
    for index, source in entries_in(file.get("sources")):
        for message in _wrong_in_source(source):
            complaints.at(("sources", index), message)
        if source.get("text") and source.get("content", usual) != "full-text":
            message = "only `content: full-text` reads the pages in which it would be looked for"
            complaints.at(("sources", index, "text"), message)
        for key, message in _wrong_selectors(source):
            complaints.at(("sources", index, *key), message)
    for slug, feed in entries_in(file.get("feeds")):
        for message in _wrong_in_feed(feed):
            complaints.at(("feeds", slug), message)
    for path, message in _wrong_aliases(file):
        complaints.at(path, message)
    feeds = names_in(file.get("feeds"))
    for kind in ("newsletters", "webhooks"):
        for slug, entry in entries_in(file.get(kind)):
            name = str(entry.get("feed", "")).strip()  # what is no slug is told by the schema
            if re.fullmatch(SLUG_PATTERN, name) and name not in feeds:
                complaints.at((kind, slug, "feed"), f"there is no feed {name}{did_you_mean(name, feeds)}")
    if file.get("newsletters") and "mail" not in file:
        complaints.at(("newsletters",), "newsletters need a mail server: mail: {host: …, from: …}")
    direct = said_in(file.get("web")).get("direct_database")
    if _is_postgres(direct) and not _is_postgres(file.get("database")):
        message = "only changes of a PostgreSQL can be heard of"
        complaints.at(("web", "direct_database"), message)


def _is_postgres(url: Plain) -> bool:
    return isinstance(url, str) and url.lower().startswith("postgres")


def _wrong_in_source(source: dict[str, Plain]) -> Iterator[str]:
    given = [key for key in ADDRESSES if key in source]
    if len(given) != 1:
        yield f"needs exactly one of {', '.join(ADDRESSES)}; found {' and '.join(given) or 'none'}"
        return
    if (source.get("items") or source.get("fields")) and given[0] in {"url", "sitemap", "opml"}:
        yield f"`items` and `fields` are for page, json and file; a {given[0]} needs none"
    if given[0] == "opml" and source.keys() & {"name", "id"}:
        yield "`name` and `id` are for one source, not for a list of them"


def _wrong_selectors(source: dict[str, Plain]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each key whose selectors cannot be read, and why; those of files are read when the file is."""
    written: dict[tuple[str, ...], Plain] = {("text",): source.get("text")}
    if source.keys() & {"page", "json"}:
        written[("items",)] = source.get("items")
        written |= {("fields", name): value for name, value in said_in(source.get("fields")).items()}
    for key, selectors in written.items():
        is_json = "json" in source and key != ("text",)
        for each in selectors if isinstance(selectors, list) else [selectors]:
            if isinstance(each, str) and each and (wrong := find_wrong(each, is_json=is_json)):
                yield key, wrong


def find_wrong(selector: str, *, is_json: bool) -> str | None:
    """Return what is wrong with a selector, or with a path of JSON."""
    try:
        _ = compile_path(selector) if is_json else split_selector(selector)
    except ValueError as error:
        return f"{describe(selector)} {error}"
    return None


def _wrong_aliases(file: dict[str, Plain]) -> Iterator[tuple[KeyPath, str]]:
    """Yield each alias that another feed or topic has too, or that is the path of one in the file."""
    living = {f"/{kind}/{slug}" for kind in ("topics", "feeds") for slug in names_in(file.get(kind))}
    owners: dict[str, tuple[str, str | int]] = {}
    entries = [(kind, *pair) for kind in ("topics", "feeds") for pair in entries_in(file.get(kind))]
    for kind, slug, entry in entries:
        listed = entry.get("aliases")
        for index, alias in enumerate(listed if isinstance(listed, list) else ()):
            path = alias.strip().rstrip("/") if isinstance(alias, str) else ""
            owner = owners.setdefault(path, (kind, slug)) if path else (kind, slug)
            if owner != (kind, slug):
                yield (kind, slug, "aliases", index), f"{owner[0]}.{owner[1]} has this alias already"
            elif path in living:
                yield (kind, slug, "aliases", index), "a feed of this file lives there"


def _wrong_in_feed(feed: dict[str, Plain]) -> Iterator[str]:
    is_timed = bool(feed.keys() & {"digest", "best"})
    stories, limit = feed.get("stories"), feed.get("limit", "50")
    if feed.keys() >= {"digest", "best"}:
        yield "write `digest` or `best`, not both"
    if stories and not is_timed:
        yield "`stories` is for feeds with `digest` or `best`; others have `limit`"
    if is_timed and feed.keys() & {"per_source", "max_age"}:
        yield "a feed with `digest` or `best` takes no `per_source` and no `max_age`"
    if "best" in feed and _number(stories) > _number(limit) > 0:
        yield f"an issue of {stories} stories needs a `limit` of as many"
    if feed.get("overflow") == "digest" and not re.search(r"per\s+day\s*$", str(feed.get("per_source"))):
        yield "`overflow: digest` needs `per_source: N per day`"


def _number(text: Plain) -> int:
    """Return the number that *text* is; 0 if it is none."""
    return int(text) if isinstance(text, str) and re.fullmatch(r"\s*[0-9]{1,12}\s*", text) else 0
