"""What was imported becomes YAML as a person would write it: text out, checked by nobody yet.

Comments say what could not be carried over. Sources whose address we could not poll are left
out by name, names that collide get their host, and what the schema does not take is said, not
written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from aggregator.config.addresses import check_url
from aggregator.config.imports.accepting import is_accepted
from aggregator.config.imports.feeds import feeds_of
from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import line_of, printable, shown, tags_of
from aggregator.config.languages import find_language
from aggregator.config.names import free_name

#: text that YAML reads as it stands
_BARE = re.compile(r"[^\W\d_][\w./+@ -]*[\w./+)-]|[^\W\d_]|\d+[a-z]+")
_BARE_URL = re.compile(r"https?://[\w./?=&%+~:;@,!()*$-]*[\w/=&+~-]")
_WORDS_OF_YAML = frozenset("null true false yes no on off y n".split())  # noqa: SIM905


def render_yaml(imported: Imported) -> tuple[str, str, tuple[str, ...]]:
    """Return the YAML text, what was taken over, and what could not be, in sentences (also in the text)."""
    lost = list(imported.lost)
    listed = _named(_once(_pollable(imported.subscriptions, lost), lost), lost)
    rules, feeds = feeds_of(imported, listed, lost)
    body = [
        *_sections(imported.sections, lost),
        *_sources(listed),
        *_entries("rules", rules),
        *_feeds(feeds, lost),
    ]
    taken = _taken(imported.format, listed, feeds)
    lost = [line_of(sentence, 500) for sentence in lost]
    head = [f"# {taken}"]
    if lost:
        head += ["#", "# Not carried over:", *(f"# - {sentence}" for sentence in lost)]
    return "\n".join([*head, "", *body]) + "\n", taken, tuple(lost)


def _taken(format_: str, listed: list[Subscription], feeds: Mapping[str, object]) -> str:
    """Return the sentence that says what came in, such as "12 sources (12 with name, 10 with tags)"."""
    counts: Counter[str] = Counter()
    for each in listed:
        counts.update(key for key, value in (("name", each.name), ("tags", each.tags)) if value)
        counts.update(key for key, _ in each.settings)
        counts.update(["filters"] if each.conditions else [])
    parts = ", ".join(f"{count} with {key}" for key, count in counts.items())
    sources = f"{len(listed)} source{'' if len(listed) == 1 else 's'}" + (f" ({parts})" if parts else "")
    return f"Imported from {format_}: {sources}, {len(feeds)} feed{'' if len(feeds) == 1 else 's'}."


def _pollable(listed: tuple[Subscription, ...], lost: list[str]) -> list[Subscription]:
    found = []
    refused: Counter[str] = Counter()
    for each in listed:
        url = re.sub(r"(?i)^feed:(?://)?(?!https?:)", "http://", each.url)
        url = re.sub(r"(?i)^feed:(?=https?:)", "", url)
        settings = each.settings
        if login := re.match(r"(?i)(https?://)([^/?#@:]+:[^/?#@]*)@", url):
            url = login[1] + url[login.end() :]
            settings = (("auth", unquote(login[2])), *settings)
        try:
            url = check_url(url)
            if not is_accepted("sources", [{each.key: url}]):
                raise ValueError("it is too long")
        except ValueError as error:
            lost.append(f"{each.name or '(no name)'}, {shown(each.url)}: {error}")
            continue
        kept = [(k, v) for k, v in settings if is_accepted("sources", [{each.key: url, k: v}])]
        refused.update({key for key, _ in settings} - {key for key, _ in kept})
        found.append(replace(each, url=url, settings=tuple(kept)))
    # what it is may be a secret, and is not told
    lost += [f"{key} of {count} of the sources cannot be used" for key, count in refused.items()]
    return found


def _once(listed: list[Subscription], lost: list[str]) -> list[Subscription]:
    """Return *listed* with each feed once: as it stands there first, with the tags of all.

    Addresses that differ by http or https, or by the slash at the end, lead to one feed.
    """
    found: dict[str, Subscription] = {}
    for each in listed:
        first = found.setdefault(_place(each.url), each)
        if first is each:
            continue
        is_torn = (each.settings, each.conditions) != (first.settings, first.conditions)
        if is_torn or (each.key, each.url) != (first.key, first.url):
            held = ", with the settings and filters of the first" if is_torn else ""
            lost.append(f"{shown(each.url)}: the same feed as {shown(first.url)}; taken once{held}")
        found[_place(each.url)] = replace(
            first,
            url=max(first.url, each.url, key=lambda url: url.startswith("https:")),
            tags=tags_of((*first.tags, *each.tags)),
        )
    return list(found.values())


def _place(url: str) -> str:
    bare = re.sub(r"(?i)^https?://", "", url.partition("#")[0])
    host, slash, rest = bare.partition("/")
    return f"{host.lower()}{slash}{rest}".rstrip("/")


def _named(listed: list[Subscription], lost: list[str]) -> list[Subscription]:
    """Give every source a name of its own, since names lead to pages: the second one gets its host."""
    taken: dict[str, int] = {}
    hosts = Counter(urlsplit(each.url).hostname for each in listed)
    named = []
    for each in listed:
        # filters call their source by its host only where it is the only one there
        is_called = each.conditions and hosts[urlsplit(each.url).hostname] > 1
        name = free_name(each.name or (_place(each.url) if is_called else ""), each.url, taken)
        if each.name and name != each.name:
            lost.append(f"the name {each.name!r} of {each.url}: written {name or 'without a name'}")
        named.append(replace(each, name=name))
    return named


def _sections(sections: Mapping[str, Mapping[str, object]], lost: list[str]) -> Iterator[str]:
    for name, keys in sections.items():
        kept = {key: value for key, value in keys.items() if is_accepted(name, {key: value})}
        lost += [f"{name}: {key}: {shown(str(keys[key]))} cannot be used" for key in keys if key not in kept]
        if kept:
            yield f"{name}:"
            yield from (f"  {key}: {scalar(value)}" for key, value in kept.items())
            yield ""


def _sources(listed: list[Subscription]) -> Iterator[str]:
    yield "sources:" if listed else "sources: []"
    for each in listed:
        yield f"  - {each.key}: {scalar(each.url)}"
        keys: dict[str, object] = {"name": each.name, "tags": list(each.tags)}
        keys |= {"language": find_language(each.language), **dict(each.settings)}
        for key, value in keys.items():
            if value:
                yield from _key(key, value)
    yield ""


def _key(key: str, value: object) -> Iterator[str]:
    match value:
        case dict():
            yield f"    {key}:"
            yield from (f"      {scalar(name)}: {_flow(each, inside=False)}" for name, each in value.items())
        case _:
            yield f"    {key}: {_flow(value, inside=False)}"


def _flow(value: object, *, inside: bool = True) -> str:
    """Return *value* on one line, lists as ``[…]`` and sections as ``{…}``."""
    match value:
        case dict():
            return f"{{{', '.join(f'{name}: {_flow(each)}' for name, each in value.items())}}}"
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case _:
            return scalar(value, inside=inside)


def _entries(name: str, entries: Mapping[str, str]) -> Iterator[str]:
    if entries:
        yield f"{name}:"
        yield from (f"  {key}: {scalar(value)}" for key, value in entries.items())
        yield ""


def _feeds(feeds: Mapping[str, Mapping[str, object]], lost: list[str]) -> Iterator[str]:
    yield "feeds:"
    for slug, keys in feeds.items():
        yield f"  {slug}:"
        for key, value in keys.items():
            if is_accepted("feeds", {slug: {key: value}}):
                yield from _key(key, value)
            else:
                lost.append(f"the feed {slug}: {key}: {shown(str(value))} cannot be used")


def scalar(value: object, *, inside: bool = False) -> str:
    """Return *value* as YAML on one line, bare where YAML reads it as it stands, else quoted.

    Args:
        inside: it stands in a ``[…]`` list.
    """
    text = printable(str(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return text
    if _BARE_URL.fullmatch(text) and not inside:
        return text
    is_word = _BARE.fullmatch(text) and text.lower() not in _WORDS_OF_YAML
    if is_word and ": " not in text and " #" not in text:
        return text
    return "'" + text.replace("'", "''").replace("${", "$${") + "'"
