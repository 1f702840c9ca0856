"""What programs add to the outlines of their OPML: attributes in, keys of a source out.

FreshRSS writes its own in a namespace, Miniflux bare. What has a counterpart here is carried over
where our schema takes the value; everything else is counted, to be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from aggregator.config.imports.labels import line_of

FRESHRSS = "{https://freshrss.org/opml}"
#: FreshRSS names of what a JSON source is read by, and ours
_JSON_FIELDS = (
    ("jsonItemTitle", "title"),
    ("jsonItemUri", "link"),
    ("jsonItemContent", "content"),
    ("jsonItemTimestamp", "date"),
    ("jsonItemAuthor", "author"),
    ("jsonItemThumbnail", "image"),
    ("jsonItemCategories", "category"),
    ("jsonItemUid", "id"),
)
#: names of FreshRSS and of Miniflux for what is text in one key of ours
_TEXTS = {
    "CURLOPT_USERAGENT": "user_agent",
    "CURLOPT_PROXY": "proxy",
    "userAgent": "user_agent",
    "proxyUrl": "proxy",
}
#: names of Miniflux for a switch -> our key and value where it is on
_SWITCHES: Mapping[str, tuple[str, object]] = {
    "crawler": ("content", "full-text"),
    "ignoreHTTPCache": ("conditional", "off"),
    "allowSelfSignedCertificates": ("insecure_tls", "on"),
    "ignoreEntryUpdates": ("gate", {"edits": "silent"}),
}
_RULES = "rules of entries: write them as a `query:` of the feed"
_LOST = {
    "filtersActionRead": "rules that mark articles as read: reading state is the reader's own affair",
    "priority": "importance of feeds",
    "cssFullContent": "full text by selector",
    "cssFullContentConditions": "conditions for fetching the full text",
    "scraperRules": "full text by selector",
    "rewriteRules": "rewrite rules: see `rewrites:`",
    "urlRewriteRules": "rewrite rules of addresses",
    **dict.fromkeys(
        ("blocklistRules", "keeplistRules", "blockFilterEntryRules", "keepFilterEntryRules"), _RULES
    ),
}


def settings_of(attributes: Mapping[str, str], lost: Counter[str]) -> tuple[tuple[str, object], ...]:
    """Return the keys of a source that an outline's *attributes* mean.

    Args:
        lost: takes in, by sentence, what has no counterpart.
    """
    freshrss = {
        name.removeprefix(FRESHRSS): value.strip()
        for name, value in attributes.items()
        if name.startswith(FRESHRSS) and value.strip()
    }
    settings = _json_settings(freshrss)
    headers: dict[str, str] = {}
    for name, value in {**freshrss, **attributes}.items():
        if name in _TEXTS:
            _carry(_TEXTS[name], value.strip(), settings, lost)
        elif name in _SWITCHES and value == "true":
            _carry(*_SWITCHES[name], settings, lost)
        elif name in {"cookie", "CURLOPT_COOKIE"}:
            headers["Cookie"] = value.strip()
        elif name == "CURLOPT_HTTPHEADER":
            headers |= {key.strip(): text.strip() for key, _, text in map(_parted, value.splitlines()) if key}
        elif name in _LOST or name in freshrss.keys() - _JSON_NAMES:
            lost[_LOST.get(name, f"FreshRSS's attribute {line_of(name, 40)}")] += 1
    if headers:
        _carry("headers", headers, settings, lost)
    return tuple(settings.items())


_JSON_NAMES = {"jsonItem", *(theirs for theirs, _ in _JSON_FIELDS)}


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _json_settings(freshrss: Mapping[str, str]) -> dict[str, object]:
    if not freshrss.get("jsonItem"):
        return {}
    fields = {ours: freshrss[theirs] for theirs, ours in _JSON_FIELDS if freshrss.get(theirs)}
    return {"items": freshrss["jsonItem"]} | ({"fields": fields} if fields else {})


def _carry(key: str, value: object, settings: dict[str, object], lost: Counter[str]) -> None:
    """Take *value* over where a source may have it; what it is may be a secret, and is not told."""
    # a worker that follows a list reads OPML, too, and carries no schema
    from pydantic import ValidationError

    from aggregator.config.sources import SourceEntry

    try:
        SourceEntry.model_validate({"url": "https://a.example/", key: value})
    except ValidationError:
        lost[f"{key}: what is set there cannot be used here"] += 1
    else:
        settings[key] = value
