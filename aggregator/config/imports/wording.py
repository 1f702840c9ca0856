"""What was imported becomes YAML as a person would write it: text out, checked by nobody yet.

Comments say what could not be carried over. Sources whose address we could not poll are left
out by name, names that collide get their host, and keys that the schema does not know are said,
not written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from aggregator.config.addresses import check_url
from aggregator.config.imports.conditions import is_query
from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.languages import find_language
from aggregator.config.names import free_name
from aggregator.config.schema import keys_at
from aggregator.query.fields import source_key

#: text that YAML reads as it stands
_BARE = re.compile(r"[^\W\d_][\w./+@ -]*[\w./+)-]|[^\W\d_]|\d+[a-z]+")
_BARE_URL = re.compile(r"https?://[\w./?=&%+~:;@,!()*$-]*[\w/=&+~-]")
_WORDS_OF_YAML = frozenset("null true false yes no on off y n".split())  # noqa: SIM905


def render_yaml(imported: Imported) -> tuple[str, tuple[str, ...]]:
    """Return the YAML text, and the sentences of what could not be carried over (also in the text)."""
    lost = list(imported.lost)
    listed = _named(_pollable(imported.subscriptions, lost), lost)
    body = [*_sections(imported.sections), *_sources(listed, lost), *_feeds(imported, listed, lost)]
    head = [f"# Imported from {imported.format}: {len(listed)} source{'' if len(listed) == 1 else 's'}."]
    if lost:
        head += ["#", "# Not carried over:", *(f"# - {sentence}" for sentence in lost)]
    return "\n".join([*head, "", *body]) + "\n", tuple(lost)


def _pollable(listed: tuple[Subscription, ...], lost: list[str]) -> list[Subscription]:
    found = []
    for each in listed:
        url = re.sub(r"(?i)^feed:(?://)?(?!https?:)", "http://", each.url)
        url = re.sub(r"(?i)^feed:(?=https?:)", "", url)
        try:
            found.append(replace(each, url=check_url(url)))
        except ValueError as error:
            lost.append(f"{each.name or '(no name)'}, {_shown(each.url)}: {error}")
    return found


def _shown(url: str) -> str:
    """Return *url* for a message; what stands before an @ may be a password."""
    return re.sub(r"//[^/@]*@", "//…@", url)[:200]


def _named(listed: list[Subscription], lost: list[str]) -> list[Subscription]:
    """Give every source a name of its own, since names lead to pages: the second one gets its host."""
    taken: set[str] = set()
    named = []
    for each in listed:
        name = free_name(each.name, each.url, taken)
        if name != each.name:
            lost.append(f"the name {each.name!r} of {each.url}: written {name or 'without a name'}")
        named.append(replace(each, name=name))
    return named


def _sections(sections: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    for name, keys in sections.items():
        if keys:
            yield f"{name}:"
            yield from (f"  {key}: {scalar(value)}" for key, value in keys.items())
            yield ""


def _sources(listed: list[Subscription], lost: list[str]) -> Iterator[str]:
    known = keys_at(("sources",))
    missing: Counter[str] = Counter()
    yield "sources:" if listed else "sources: []"
    for each in listed:
        yield f"  - {each.key}: {scalar(each.url)}"
        keys: dict[str, object] = {"name": each.name, "tags": list(each.tags), "face": each.face}
        keys |= {"language": find_language(each.language), **dict(each.settings)}
        for key, value in keys.items():
            if value and key not in known:
                missing[key] += 1
            elif value:
                yield from _key(key, value)
    yield ""
    lost += [f"{key} of {count} sources: there is no such setting" for key, count in missing.items()]


def _key(key: str, value: object) -> Iterator[str]:
    match value:
        case dict():
            yield f"    {key}:"
            yield from (f"      {name}: {scalar(each)}" for name, each in value.items())
        case list():
            yield f"    {key}: [{', '.join(scalar(each, inside=True) for each in value)}]"
        case _:
            yield f"    {key}: {scalar(value)}"


def _feeds(imported: Imported, listed: list[Subscription], lost: list[str]) -> Iterator[str]:
    slug, keys = imported.feed or ("everything", {"title": "Everything"})
    conditions = [_for_one(each) for each in listed if each.condition]
    query = " ".join(filter(None, [str(keys.get("query", "")), *conditions]))
    if query and not is_query(query):
        lost.append("filters of single feeds: together they are too long for one query")
        query = str(keys.get("query", ""))
    known = keys_at(("feeds",))
    yield "feeds:"
    yield f"  {slug}:"
    for key, value in ({**keys, "query": query} if query else keys).items():
        if key in known:
            yield from _key(key, value)
        else:
            listed_values = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            lost.append(f"{key} {listed_values}: there is no such setting")


def _for_one(each: Subscription) -> str:
    """Articles of one source must meet its condition; those of others need not."""
    handle = source_key(each.name) or (urlsplit(each.url).hostname or "").removeprefix("www.")
    inner = each.condition
    return f'-(source:"{handle}" -({inner}))' if inner else ""


def scalar(value: object, *, inside: bool = False) -> str:
    """Return *value* as YAML on one line, bare where YAML reads it as it stands, else quoted.

    Args:
        inside: it stands in a ``[…]`` list.
    """
    text = str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return text
    if _BARE_URL.fullmatch(text) and not inside:
        return text
    is_word = _BARE.fullmatch(text) and text.lower() not in _WORDS_OF_YAML
    if is_word and ": " not in text and " #" not in text:
        return text
    return "'" + text.replace("'", "''").replace("${", "$${") + "'"
