"""osmosfeed's YAML: the document in, its sources and site settings out, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import line_of


def read_osmosfeed(document: Mapping[str, Any]) -> Imported:
    """Return what an osmosfeed configuration says: its YAML, read, with a list of ``sources``."""
    listed = document["sources"]
    hrefs = [str(each["href"]).strip() for each in listed if isinstance(each, dict) and each.get("href")]
    sections: dict[str, dict[str, object]] = {}
    if title := line_of(document.get("siteTitle")):
        sections["site"] = {"title": title}
    if zone := line_of(document.get("timezone")):
        sections.setdefault("site", {})["timezone"] = zone
    days = document.get("cacheMaxDays")
    if isinstance(days, int) and 1 <= days <= 36_500:
        sections["defaults"] = {"keep": f"{days}d"}
    known = {"sources", "siteTitle", "timezone", "cacheMaxDays"}
    return Imported(
        format="osmosfeed YAML",
        subscriptions=tuple(Subscription(url=url) for url in hrefs),
        sections=sections,
        feeds={"everything": {"title": title or "Everything"}},
        lost=tuple(line_of(str(key), 60) for key in document if key not in known),
    )
