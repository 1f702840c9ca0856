"""Checked sections in, the frozen values of aggregator.model out: defaults filled in, paths absolute."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from aggregator.config import schema
from aggregator.config.curating import build_rewrite, merge_gate
from aggregator.config.databases import resolve_database
from aggregator.config.feeds import build_feed, build_topic
from aggregator.config.outgoing import build_mail, build_newsletter, build_webhook
from aggregator.config.paper import WebSection
from aggregator.config.positions import Node, find_node
from aggregator.config.section import taken_as_is
from aggregator.config.sources import DefaultsSection, SourceEntry
from aggregator.model import (
    Configuration,
    FetchSettings,
    RuleSet,
    Site,
    Source,
    SourceKind,
    SourceList,
    Web,
    WebSub,
)
from aggregator.model.markup import FRAMES, TRACKING, Markup


def build_configuration(checked: schema.File, root: Node, path: Path) -> Configuration:
    """Return the configuration that *checked* says.

    Args:
        root: the nodes it was read from, for the lines that sources stand on.
        path: the file; absolute. Relative paths count from its folder.
    """
    placed = [
        (entry, find_node(root, ("sources", index))[0].place.line)
        for index, entry in enumerate(checked.sources)
    ]
    return Configuration(
        site=_site(checked, path.parent),
        web=_web(checked.web),
        database=resolve_database(checked.database, path.parent),
        fetch=_fetch(checked.fetch),
        websub=WebSub(hub=checked.websub.hub, subscribe=checked.websub.subscribe),
        markup=Markup(
            _with_default(checked.html.tracking, TRACKING), _with_default(checked.html.frames, FRAMES)
        ),
        sources=tuple(
            _source(entry, checked.defaults, path, line) for entry, line in placed if not entry.opml
        ),
        lists=tuple(_list(entry, checked.defaults, path, line) for entry, line in placed if entry.opml),
        topics=tuple(build_topic(slug, entry) for slug, entry in checked.topics.items()),
        feeds=tuple(build_feed(slug, entry) for slug, entry in checked.feeds.items()),
        rules=tuple(RuleSet(name, query) for name, query in checked.rules.items()),
        rewrites=tuple(
            build_rewrite(entry, f"rewrites[{index}]") for index, entry in enumerate(checked.rewrites)
        ),
        opt_out=tuple(checked.opt_out),
        mail=build_mail(checked.mail, path.parent),
        newsletters=tuple(build_newsletter(slug, entry) for slug, entry in checked.newsletters.items()),
        webhooks=tuple(build_webhook(slug, entry) for slug, entry in checked.webhooks.items()),
    )


def compute_digest(configuration: Configuration) -> str:
    """Return a SHA-256 (hex) that changes exactly when a setting does: not with comments, blanks or lines."""
    canonical = json.dumps(
        configuration, default=_settings_of, sort_keys=True, ensure_ascii=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _settings_of(value: Any) -> dict[str, object]:
    """Return the fields of a part of the configuration, without its place in the file."""
    unsaid = "where" if isinstance(value, Source | SourceList) else None
    return {name: getattr(value, name) for name in value.__dataclass_fields__ if name != unsaid}


def _hub_url(checked: schema.File) -> str | None:
    """Return the hub that our feeds name, None where there is none."""
    match checked.websub.hub:
        case "builtin":
            return f"{checked.site.url}/hub"
        case "off":
            return None
        case elsewhere:
            return elsewhere


def _with_default(listed: Sequence[str], usual: Sequence[str]) -> tuple[str, ...]:
    """Return the list with our own in place of the word default; nothing twice."""
    named = (name for one in listed for name in (usual if one == "default" else (one,)))
    return tuple(dict.fromkeys(named))


def _web(section: WebSection) -> Web:
    host, port = section.listen
    return Web(host=host, port=port, **taken_as_is(section, Web))


def _fetch(section: schema.FetchSection) -> FetchSettings:
    durations = {"timeout_s": float(section.timeout), "spacing_s": float(section.spacing)}
    return FetchSettings(**{**taken_as_is(section, FetchSettings), **durations})


def _site(checked: schema.File, folder: Path) -> Site:
    section = checked.site
    theme = os.path.abspath(folder / section.theme) if section.theme else None
    return Site(**{**taken_as_is(section, Site), "theme": theme, "hub": _hub_url(checked)})


def _source(entry: SourceEntry, defaults: DefaultsSection, path: Path, line: int) -> Source:
    # What a source sets holds, also where it sets "auto" or no tags at all; the rest is inherited.
    given = entry.model_dump(include=entry.model_fields_set)
    own = {key: value for key, value in given.items() if value is not None or key == "every"}
    merged = {**defaults.model_dump(), **own}
    kind, address = _address(entry, path.parent)
    made = {
        "url": address,
        "kind": kind,
        "headers": tuple(entry.headers.items()),
        "fields": tuple((name, tuple(some)) for name, some in entry.selectors.items()),
        "tags": tuple(sorted(set(merged["tags"]))),
        "every_s": merged["every"],
        "content": "full" if merged["content"] == "full-text" else merged["content"],
        "full_text": merged["content"] == "full-text",
        "keep_s": merged["keep"],
        "gate": merge_gate(defaults.gate, entry.gate),
        "rewrite": build_rewrite(entry.rewrite, "rewrite of its source") if entry.rewrite else None,
        "timeout_s": float(entry.timeout) if entry.timeout else None,
        "ca_file": str((path.parent / entry.ca_file).resolve()) if entry.ca_file else None,
        "where": f"{path.name}:{line}",
        **{name: merged[name] for name in ("initial_items", "rights", "noindex", "language")},
    }
    return Source(**{**taken_as_is(entry, Source), **made})


def _address(entry: SourceEntry, folder: Path) -> tuple[SourceKind, str]:
    """Return what kind of source an entry is, and where it is; nowhere for a list."""
    for key, text in entry.addresses().items():
        if text is not None and key == "file":
            return "file", (folder / text).resolve().as_uri()
        if text is not None and key not in {"url", "opml"}:
            return cast(SourceKind, key), text
    return "feed", entry.url or ""


def _list(entry: SourceEntry, defaults: DefaultsSection, path: Path, line: int) -> SourceList:
    place = entry.opml or ""
    is_url = place.lower().startswith(("http://", "https://"))
    return SourceList(
        place=place if is_url else str((path.parent / place).resolve()),
        template=_source(entry, defaults, path, line),
        where=f"{path.name}:{line}",
    )
