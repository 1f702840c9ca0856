"""rss-funnel's YAML: endpoints in; a feed for each, its sources and what its filters mean here out.

Filters run in the order they are written, so one before a ``merge`` holds for the sources before
it alone. Each endpoint is a tag of its sources, and the path it had stays alive as an alias.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aggregator.config.imports.accepting import is_accepted
from aggregator.config.imports.conditions import any_of, is_query, literal, negated, pattern_in
from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import free_slug, line_of, shown
from aggregator.errors import ConfigurationError, Problem, QueryError
from aggregator.query.regex import check_replacement

_FIELDS = {"title": ("title",), "body": ("",), "content": ("",), "any": ("",)}
#: what is so here without a filter
_NEEDLESS = frozenset({"note", "convert_to", "simplify_html"})
_CLIENT = {"user_agent": "user_agent", "timeout": "timeout", "proxy": "proxy"}
_HEADERS = {"accept": "Accept", "set_cookie": "Cookie", "referer": "Referer"}


@dataclass
class _Endpoint:
    """One endpoint while it is read."""

    slug: str
    path: str
    #: the sources of ``source`` and of each ``merge``, in order
    groups: list[list[Subscription]] = field(default_factory=list)
    #: conditions, each with the numbers of the groups that it holds for
    conditions: list[tuple[str, range]] = field(default_factory=list)
    keys: dict[str, object] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def read_funnel(document: object, place: str) -> Imported:
    """Return what an rss-funnel configuration says.

    Args:
        document: the YAML, read.

    Raises:
        ConfigurationError: none of its endpoints has a source.
    """
    listed = document["endpoints"] if isinstance(document, dict) else []
    endpoints: list[_Endpoint] = []
    for each in listed:
        if isinstance(each, dict):
            endpoints.append(_endpoint(each, {endpoint.slug for endpoint in endpoints}))
    subscriptions = [each for endpoint in endpoints for each in _tagged(endpoint)]
    if not subscriptions:
        raise ConfigurationError([Problem(place, 0, 0, "", "no endpoint of this file names a source")])
    _keep_paths(endpoints)
    feeds = {each.slug: _feed(each) for each in endpoints if each.groups}
    lost = [f"/{each.slug}: {sentence}" for each in endpoints for sentence in dict.fromkeys(each.lost)]
    if isinstance(document, dict) and document.get("auth"):
        lost.append("auth: what holds here for whom is said by `access:` of a feed")
    return Imported(
        format="rss-funnel YAML",
        subscriptions=tuple(subscriptions),
        feeds=feeds,
        lost=tuple(lost),
    )


def _endpoint(written: Mapping[str, object], taken: set[str]) -> _Endpoint:
    path = line_of(str(written.get("path") or "/feed"))
    made = _Endpoint(free_slug(re.sub(r"\.\w+$", "", path), taken), path)
    made.keys = {"title": line_of(written.get("note")) or made.slug.replace("-", " ").capitalize()}
    client = _client(written.get("client"))
    made.groups += [group] if (group := _group(written.get("source"), client, made)) else []
    for name, value in _filters(written.get("filters")):
        _apply(name, value, made)
    return made


def _keep_paths(endpoints: Sequence[_Endpoint]) -> None:
    """Have each feed answer at the path that its endpoint had, where that is free and can be an alias."""
    taken = {f"/feeds/{each.slug}" for each in endpoints}
    for each in endpoints:
        alias = each.path.rstrip("/")
        if alias not in taken and is_accepted("feeds", {each.slug: {"aliases": [alias]}}):
            taken.add(alias)
            each.keys["aliases"] = [alias]
        else:
            each.lost.append(f"the path {each.path}: it cannot be an alias here")


def _apply(name: str, value: object, endpoint: _Endpoint) -> None:
    """Take one filter of an endpoint over: it holds for the groups that are there by now."""
    groups = range(len(endpoint.groups))
    if name == "merge":
        _merge(value, endpoint)
    elif name == "limit" and re.fullmatch(r"[1-9]\d*[mhdwy]?", str(value)):
        is_count = str(value).isdecimal()
        endpoint.keys["limit" if is_count else "max_age"] = min(int(str(value)), 1000) if is_count else value
    else:
        _filter(name, value, endpoint, groups)


def _filter(name: str, value: object, endpoint: _Endpoint, groups: range) -> None:
    """Take over what a filter does to the articles of some groups."""
    if name in {"keep_only", "discard"}:
        if groups and (condition := _condition(name, value, endpoint)):
            endpoint.conditions.append((condition, groups))
    elif name not in _NEEDLESS:
        for number in groups:
            endpoint.groups[number] = _changed(endpoint.groups[number], name, value, endpoint)


def _merge(value: object, endpoint: _Endpoint) -> None:
    options = value if isinstance(value, dict) else {"source": value}
    number = len(endpoint.groups)
    client = _client(options.get("client"))
    if not (group := _group(options.get("source"), client, endpoint)):
        return
    endpoint.groups.append(group)
    for name, inner in _filters(options.get("filters")):
        _filter(name, inner, endpoint, range(number, number + 1))


def _group(source: object, client: tuple[tuple[str, object], ...], endpoint: _Endpoint) -> list[Subscription]:
    """Return the sources of one ``source:``; what is no address of a feed is told."""
    made = []
    for each in source if isinstance(source, list) else [source]:
        if isinstance(each, str) and is_accepted("sources", [{"url": each.strip()}]):
            made.append(Subscription(url=each.strip(), settings=client))
        elif each is None:
            endpoint.lost.append("an endpoint that is told its source in the request")
        elif isinstance(each, str):
            endpoint.lost.append(
                f"source {shown(each)}: no address of a feed; name the sources it is made from instead"
            )
        elif not isinstance(each, dict) or "format" not in each:
            endpoint.lost.append("a source that is put together from the request")
    return made


def _changed(group: list[Subscription], name: str, value: object, endpoint: _Endpoint) -> list[Subscription]:
    """Return the sources of a group with what a filter of texts means; unchanged, and told, if nothing."""
    if name == "full_text":
        return [_with(each, "content", "full-text") for each in group]
    if name == "split":
        endpoint.lost.append("split: write `items:` and `fields:`; until then the page is read by itself")
        return [replace(each, key="page") for each in group]
    rewrite = _REWRITES[name](value) if name in _REWRITES else {}
    if not rewrite or not is_accepted("sources", [{"url": group[0].url, "rewrite": rewrite}]):
        endpoint.lost.append(f"the filter {line_of(name, 40)}")
        return group
    kept = []
    for each in group:
        before = dict(each.settings).get("rewrite")
        merged = dict(before) if isinstance(before, dict) else {}
        for key, values in rewrite.items():
            merged[key] = [*merged.get(key, []), *values]
        kept.append(_with(each, "rewrite", merged))
    return kept


def _drop(value: object) -> dict[str, list[object]]:
    selectors = [each for each in _listed(value) if isinstance(each, str)]
    # classes and ids are gone from stored texts
    return {"drop": [*selectors]} if selectors and not re.search(r"[.#]\w", " ".join(selectors)) else {}


def _replacements(value: object) -> dict[str, list[object]]:
    made: list[object] = []
    for step in _listed(value):
        if not isinstance(step, dict):
            return {}
        for kind, written in step.items():
            if kind == "case_sensitive":
                continue
            pair = written if isinstance(written, dict) else {"from": written, "to": ""}
            pattern, put = str(pair.get("from", "")), str(pair.get("to", ""))
            if kind.endswith("_regex"):
                put = re.sub(r"\$\{?(\d)\}?", r"\\\1", put.replace("\\", "\\\\"))
            else:
                pattern, put = literal(pattern), put.replace("\\", "\\\\")
            try:
                check_replacement(pattern, put)
            except QueryError:
                return {}
            made.append({"pattern": pattern} | ({"replacement": put} if put else {}))
    return {"replace_content": made} if made else {}


_REWRITES: Mapping[str, Callable[[object], dict[str, list[object]]]] = {
    "remove_element": _drop,
    "sanitize": _replacements,
}


def _condition(name: str, value: object, endpoint: _Endpoint) -> str | None:
    """Return what ``keep_only`` or ``discard`` demands of an article; None, and told, if there is none."""
    options = value if isinstance(value, dict) else {"contains": value}
    patterns = [*map(str, _listed(options.get("matches")))]
    patterns += [literal(str(each)) for each in _listed(options.get("contains"))]
    ignored = "" if options.get("case_sensitive") else "(?i)"
    fields = _FIELDS.get(str(options.get("field") or "any"), ("",))
    queries = [pattern_in(fields, ignored + each) for each in patterns]
    found = any_of([each for each in queries if each]) if queries and None not in queries else None
    if found is None:
        endpoint.lost.append(f"{name} {line_of(str(value), 120)} cannot be written as a query")
        return None
    return negated(found) if name == "discard" else found


def _tagged(endpoint: _Endpoint) -> Iterator[Subscription]:
    """Yield the sources of an endpoint; their groups get tags where a condition holds for some of them."""
    named = {
        number for _, groups in endpoint.conditions if len(groups) < len(endpoint.groups) for number in groups
    }
    for number, group in enumerate(endpoint.groups):
        own = (_group_tag(endpoint, number),) if number in named else ()
        yield from (replace(each, tags=(endpoint.slug, *own)) for each in group)


def _group_tag(endpoint: _Endpoint, number: int) -> str:
    """Return the tag of one group; no slug has a dot, so that it is no other endpoint's."""
    return f"{endpoint.slug}.{number + 1}"


def _feed(endpoint: _Endpoint) -> dict[str, object]:
    query = f"tag:{endpoint.slug}"
    for condition, groups in endpoint.conditions:
        if len(groups) < len(endpoint.groups):
            tags = any_of([f"tag:{_group_tag(endpoint, number)}" for number in groups])
            condition = f"-({tags} {negated(condition)})"
        if is_query(longer := f"{query} {condition}"):
            query = longer
        else:
            endpoint.lost.append(f"{line_of(condition, 120)}: too long for one query with those before it")
    return {"title": endpoint.keys["title"], "query": query} | endpoint.keys


def _client(written: object) -> tuple[tuple[str, object], ...]:
    """Return the keys of a source that ``client:`` means."""
    options = written if isinstance(written, dict) else {}
    made: dict[str, object] = {ours: options[name] for name, ours in _CLIENT.items() if options.get(name)}
    if options.get("accept_invalid_certs"):
        made["insecure_tls"] = "on"
    if headers := {ours: str(options[name]) for name, ours in _HEADERS.items() if options.get(name)}:
        made["headers"] = headers
    return tuple(made.items())


def _filters(written: object) -> list[tuple[str, object]]:
    """Return the filters of a list, each by its name, in order."""
    return [
        (str(name), value)
        for each in _listed(written)
        if isinstance(each, dict)
        for name, value in each.items()
    ]


def _with(subscription: Subscription, key: str, value: object) -> Subscription:
    return replace(subscription, settings=tuple((dict(subscription.settings) | {key: value}).items()))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]
