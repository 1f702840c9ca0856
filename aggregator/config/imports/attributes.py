"""What programs say of a feed besides its address: attributes in, keys of a source and conditions out.

FreshRSS writes its own in a namespace of OPML, Miniflux bare, in OPML as in JSON. What has a
counterpart here is carried over; everything else is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from aggregator.config.durations import render_duration
from aggregator.config.imports import miniflux
from aggregator.config.imports.conditions import negated
from aggregator.config.imports.freshrss import query_of
from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import line_of
from aggregator.config.imports.opml import FRESHRSS
from aggregator.config.imports.xpath import css_of
from aggregator.config.needs import find_wrong

#: how FreshRSS calls what an entry is read by, and how we do
_PARTS = {
    "Title": "title",
    "Uri": "link",
    "Content": "content",
    "Timestamp": "date",
    "Author": "author",
    "Thumbnail": "image",
    "Categories": "category",
    "Uid": "id",
}
#: names of FreshRSS and of Miniflux for what is text in one key of ours
_TEXTS = {
    "CURLOPT_USERAGENT": "user_agent",
    "CURLOPT_PROXY": "proxy",
    "userAgent": "user_agent",
    "proxyUrl": "proxy",
    "credentials": "auth",
}
#: names of Miniflux for a switch -> our key and value where it is on
_SWITCHES: Mapping[str, tuple[str, object]] = {
    "crawler": ("content", "full-text"),
    "ignoreHTTPCache": ("conditional", "off"),
    "allowSelfSignedCertificates": ("insecure_tls", "on"),
    "ignoreEntryUpdates": ("gate", {"edits": "silent"}),
}
_LOST = {
    "priority": "importance of feeds",
    "cssFullContent": "selectors of the full text that cannot be read: it is found without",
    "scraperRules": "selectors of the full text that cannot be read: it is found without",
    "cssFullContentConditions": "conditions for fetching the full text",
    "cssContentFilter": "selectors of what leaves the text: see `rewrite: {drop: …}`",
    "rewriteRules": "rewrite rules: see `rewrite:`",
    "urlRewriteRules": "rewrite rules of addresses",
    "fetchViaProxy": "the proxy of all feeds: see `proxy:`",
}
#: names of FreshRSS and of Miniflux for where the full text stands
_FULL_TEXT = frozenset({"cssFullContent", "scraperRules"})
#: read by others here, or nothing a source could have
_ELSEWHERE = frozenset({"filtersActionRead", "ttl", "opmlUrl", "CURLOPT_PROXYTYPE"})


def with_settings(imported: Imported) -> Imported:
    """Return *imported* with what the attributes of its subscriptions mean here."""
    lost: Counter[str] = Counter()
    said: list[str] = []
    found = []
    for each in imported.subscriptions:
        own: list[str] = []
        conditions = [*miniflux.conditions_of(each.attributes, own), *_unread(each.attributes, own)]
        said += [f"{each.name or each.url}: {sentence}" for sentence in own]
        settings = settings_of(each, lost)
        found.append(replace(each, settings=settings, conditions=tuple(conditions)))
    counted = (f"{what} ({count} of the feeds)" for what, count in lost.items())
    return replace(imported, subscriptions=tuple(found), lost=(*imported.lost, *counted, *said))


def settings_of(subscription: Subscription, lost: Counter[str]) -> tuple[tuple[str, object], ...]:
    """Return the keys of a source that the attributes of a *subscription* mean.

    Args:
        lost: takes in, by sentence, what has no counterpart.
    """
    attributes = subscription.attributes
    freshrss = {
        name.removeprefix(FRESHRSS): value.strip()
        for name, value in attributes.items()
        if name.startswith(FRESHRSS) and value.strip()
    }
    settings = _parts(subscription.key, freshrss, lost)
    headers: dict[str, str] = {}
    text = ""
    for name, value in {**freshrss, **attributes}.items():
        if name in _TEXTS and value.strip():
            settings[_TEXTS[name]] = value.strip()
        elif name in _SWITCHES and value == "true":
            key, meant = _SWITCHES[name]
            settings[key] = meant
        elif name in {"cookie", "CURLOPT_COOKIE"} and value.strip():
            headers["Cookie"] = value.strip()
        elif name == "CURLOPT_HTTPHEADER":
            parted = (line.partition(":") for line in value.splitlines())
            headers |= {key.strip(): text.strip() for key, _, text in parted if key}
        elif name in _FULL_TEXT and not find_wrong(value.strip(), is_json=False):
            text = value.strip()
        elif _is_lost(name, value, freshrss):
            lost[_LOST.get(name, f"FreshRSS's attribute {line_of(name, 40)}")] += 1
    if headers:
        settings["headers"] = headers
    if freshrss.get("cssFullContent"):
        settings["content"] = "full-text"
    if text and settings.get("content") == "full-text":
        settings["text"] = text
    if (ttl := freshrss.get("ttl", "")).isdecimal() and int(ttl) >= 60:
        settings["every"] = render_duration(int(ttl))
    return tuple(settings.items())


def _unread(attributes: Mapping[str, str], said: list[str]) -> list[str]:
    """Return conditions that leave out what FreshRSS marks as read at once: its users' way to hide it."""
    found = []
    for line in attributes.get(f"{FRESHRSS}filtersActionRead", "").splitlines():
        query = query_of(line) if line.strip() else ""
        if query:
            found.append(negated(query))
        elif query is None:
            said.append(f"the filter {line_of(line, 120)} cannot be written as a query")
    return found


def _is_lost(name: str, value: str, freshrss: Mapping[str, str]) -> bool:
    if name in _ELSEWHERE or name.startswith(("jsonItem", "xPathItem")) or value.strip() in {"", "false"}:
        return False
    return name in _LOST or name in freshrss


def _parts(key: str, freshrss: Mapping[str, str], lost: Counter[str]) -> dict[str, object]:
    """Return ``items`` and ``fields`` of a source that is no feed; what is left out is found by itself."""
    if key not in {"json", "page"}:
        return {}
    prefix = "xPathItem" if key == "page" else "jsonItem"
    written = {ours: freshrss[prefix + name] for name, ours in _PARTS.items() if freshrss.get(prefix + name)}
    items: str | None = freshrss.get(prefix)
    if key == "page":
        # what a place in the whole page means is not known inside one entry, nor the other way round
        read = {ours: css_of(xpath) for ours, xpath in written.items()}
        items = css_of(items) if items else None
        if items is None or None in read.values():
            lost[
                "XPath that has no counterpart: `aggregator try --as page URL` shows how a page is read"
            ] += 1
        written = {ours: css for ours, css in read.items() if css} if items else {}
    return ({"items": items} if items else {}) | ({"fields": written} if written else {})
