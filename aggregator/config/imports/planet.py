"""The INI files of Planet, Venus and Pluto: text in, what they configure out, in our words.

``[Planet]`` (or the lines before the first section, as Pluto has it) is the site; every section
that has a feed is a source. Filters become conditions of the planet's feed, paths of old output
files become aliases.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping

from aggregator.config.addresses import FACE_FILE
from aggregator.config.imports.conditions import condition_of
from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import line_of, tags_of
from aggregator.errors import ConfigurationError, Problem

_SITE_SECTIONS = ("planet", "site", "default")
#: settings of a planet's looks and housekeeping; our own way of doing these needs no setting
_NEEDLESS = frozenset(
    """
    date_format new_date_format encoding locale log_level log_format output_dir cache_directory
    output_theme template_directories bill_of_materials spider_threads http_cache_directory
    cache_lists_directory generate_in_past feed_timeout name link owner_name owner_email
    new_feed_items items_per_page template_files title url feed
    """.split()  # noqa: SIM905
)
_LOST = {
    "activity_threshold": "activity_threshold = {}: `aggregator status` shows when each source last had news",
    "days_per_page": "days_per_page = {}: feeds are cut by number of articles",
    "cache_keep_entries": "cache_keep_entries = {}: use `keep:` with a duration",
    "filters": "filters = {}: scripts cannot be run here",
    "filter_directories": "filter_directories = {}: scripts cannot be run here",
    "future_dates": "future_dates = {}: an article dated in the future stands at the moment it was seen",
}
_FILTERS = ("filter", "require", "include", "includes", "exclude", "excludes")
#: reading lists of Venus that are no OPML
_OTHER_LISTS = frozenset({"config", "csv", "foaf", "ini"})
_OLD_OUTPUT = re.compile(r"[\w.-]+\.(?:xml|rss|atom|rdf|json)", re.ASCII)


def read_planet(text: str, place: str) -> Imported:
    """Return what a planet's INI file configures.

    Raises:
        ConfigurationError: it is no INI file, or names no feed.
    """
    sections = _sections(text, place)
    site = {
        key: value for name, keys in sections if name.lower() in _SITE_SECTIONS for key, value in keys.items()
    }
    lost: list[str] = []
    found: list[Subscription] = []
    for name, keys in sections:
        if name.lower() not in _SITE_SECTIONS and (made := _subscription(name, keys, lost)):
            found.append(made)
    if not found:
        raise ConfigurationError([Problem(place, 0, 0, "", "no section of this file names a feed")])
    lost += [_LOST[k].format(line_of(v, 80)) for k, v in site.items() if k in _LOST]
    lost += [f"{k} = {line_of(v, 80)}" for k, v in site.items() if k not in _LOST and not _is_known(k)]
    return Imported(
        format="Planet INI",
        subscriptions=tuple(found),
        sections=_settings(site),
        feeds={"planet": _feed(site, lost)},
        lost=tuple(lost),
    )


def _sections(text: str, place: str) -> list[tuple[str, Mapping[str, str]]]:
    # Pluto's settings of the site stand before any section
    text = "[planet]\n" + text if not re.match(r"\s*(?:[#;][^\n]*\n\s*)*\[", text) else text
    parser = configparser.RawConfigParser(
        strict=False,
        default_section="\0",
        comment_prefixes=("#", ";"),
        delimiters=("=", ":"),
        allow_no_value=True,
    )
    # a section named by its URL may have a "]" in it
    parser.SECTCRE = re.compile(r"\[(?P<header>.+)\]")
    try:
        parser.read_string(text)
    # AttributeError: a line that goes on behind a key without a value
    except (configparser.Error, AttributeError) as error:
        message = f"this is no INI file: {line_of(str(error), 200)}"
        raise ConfigurationError([Problem(place, 0, 0, "", message)]) from error
    return [
        (name, {key: (value or "").strip() for key, value in parser.items(name)})
        for name in parser.sections()
    ]


def _is_known(key: str) -> bool:
    return key in _NEEDLESS or key in {"filter", "require", "exclude"} or key.startswith(("author", "source"))


def _subscription(name: str, keys: Mapping[str, str], lost: list[str]) -> Subscription | None:
    """Return the feed of one section: Planet names the section by its URL, Pluto has ``feed =``."""
    url = keys.get("feed") or (name if re.match(r"(?i)(?:https?|feed):", name) else "")
    if not url:
        if keys and not keys.get("template"):
            lost.append(f"section [{line_of(name, 60)}]: it names no feed")
        return None
    # Python's INI files write a percent sign twice
    title = line_of(keys.get("name") or keys.get("title") or ("" if name == url else name)).replace("%%", "%")
    for key in ("filters", "magic_word", "xml_base", "ignore_in_feed", "title_type"):
        if keys.get(key):
            lost.append(f"{title or url}: {key} = {line_of(keys[key], 80)}")
    kind = keys.get("content_type", "").lower()
    if kind in _OTHER_LISTS:
        lost.append(f"{title or url}: a reading list of the kind {kind}")
        return None
    tags = tags_of(re.split(r"[,\s]+", keys.get("tags") or keys.get("category") or ""))
    if kind == "opml":
        lost += [f"{title or url}: {key} of a reading list" for key in _FILTERS if keys.get(key)]
        return Subscription(url=url.strip(), key="opml", tags=tags)
    face = _face(line_of(keys.get("face") or keys.get("avatar") or keys.get("facehref")))
    return Subscription(
        url=url.strip(),
        name=title,
        tags=tags,
        conditions=tuple(_conditions(keys, title or url, lost)),
        settings=(("face", face),) if face else (),
        language=line_of(keys.get("language") or keys.get("lang")),
    )


def _face(face: str) -> str:
    """Return the URL of a picture, or its file's name: planets keep pictures in a folder of their own."""
    if face.startswith(("http://", "https://")):
        return face
    name = face.rpartition("/")[2]
    return name if FACE_FILE.fullmatch(name) else ""


def _conditions(keys: Mapping[str, str], who: str, lost: list[str]) -> list[str]:
    """Return what articles must meet: filter, require and include are to be found, exclude is not."""
    parts = []
    for key in _FILTERS:
        if not keys.get(key):
            continue
        query = condition_of(keys[key])
        if query is None:
            lost.append(f"{who}: {key} = {line_of(keys[key], 120)} cannot be written as a query")
        else:
            parts.append(f"-{query}" if key.startswith("exclude") else query)
    return parts


def _settings(site: Mapping[str, str]) -> dict[str, dict[str, object]]:
    named: dict[str, object] = {
        "title": line_of(site.get("name") or site.get("title")),
        "url": line_of(site.get("link") or site.get("url")).rstrip("/"),
        "contact": line_of(site.get("owner_email")),
    }
    made: dict[str, dict[str, object]] = {"site": {key: value for key, value in named.items() if value}}
    if (first := site.get("new_feed_items", "")).isdecimal():
        made["defaults"] = {"initial_items": min(int(first), 10_000)}
    if (seconds := site.get("feed_timeout", "")).isdecimal() and 1 <= int(seconds) <= 600:
        made["fetch"] = {"timeout": f"{seconds}s"}
    return made


def _feed(site: Mapping[str, str], lost: list[str]) -> dict[str, object]:
    feed: dict[str, object] = {"title": line_of(site.get("name") or site.get("title")) or "Planet"}
    if conditions := _conditions(site, "all feeds", lost):
        feed["query"] = " ".join(conditions)
    if (limit := site.get("items_per_page", "")).isdecimal() and int(limit) > 0:
        feed["limit"] = min(int(limit), 1000)
    outputs = [
        each.rsplit("/", 1)[-1].removesuffix(".tmpl").removesuffix(".xslt")
        for each in site.get("template_files", "").split()
    ]
    paths = [f"/{name}" for name in outputs if _OLD_OUTPUT.fullmatch(name)]
    lists = [path for path in paths if path.startswith(("/opml", "/foaf"))]
    lost += [f"{path}: the list of sources is at /opml/sources.opml" for path in lists]
    if aliases := [path for path in dict.fromkeys(paths) if path not in lists]:
        feed["aliases"] = aliases
    return feed
