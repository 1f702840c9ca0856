"""What the file declares, read leniently: so that names are compared even while other things are wrong.

Plain values go in, the few texts that other settings refer to come out, with their paths. Whatever is
of the wrong type is left out here; the schema complains of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.config.positions import KeyPath, Plain
from aggregator.config.sources import ADDRESSES


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """The names of one source; a None is missing or of the wrong type."""

    path: KeyPath
    #: the key that the address stands under
    key: str
    url: str | None
    name: str | None
    id: str | None
    every: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeclaredQuery:
    """One query of a topic, a feed, a rule set or a rewrite rule."""

    kind: str
    #: empty for rewrite rules
    slug: str
    path: KeyPath
    text: str


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything in a file that names something or is named."""

    sources: tuple[DeclaredSource, ...]
    topics: tuple[str, ...]
    #: names of rule sets
    rules: tuple[str, ...]
    queries: tuple[DeclaredQuery, ...]
    every: str | None
    admissions: tuple[str, ...]


def said_in(section: Plain) -> dict[str, Plain]:
    """Return the keys of a section, those that say nothing left out; of what is none, none."""
    return {k: v for k, v in section.items() if v is not None} if isinstance(section, dict) else {}


def names_in(section: Plain) -> tuple[str, ...]:
    """Return the names in a section, also of what says nothing."""
    return tuple(section) if isinstance(section, dict) else ()


def entries_in(listed: Plain) -> Iterator[tuple[str | int, dict[str, Plain]]]:
    """Yield the entries of a section or list that are sections themselves, with their names or numbers."""
    for key, entry in enumerate(listed) if isinstance(listed, list) else said_in(listed).items():
        if isinstance(entry, dict):
            yield key, said_in(entry)


def read_declared(file: dict[str, Plain]) -> Declared:
    """Return what the file declares, in file order."""
    defaults = said_in(file.get("defaults"))
    return Declared(
        sources=tuple(
            _source(source, ("sources", index), defaults) for index, source in entries_in(file.get("sources"))
        ),
        topics=names_in(file.get("topics")),
        rules=names_in(file.get("rules")),
        queries=tuple(_queries(file)),
        every=_text(defaults.get("every")),
        admissions=_texts(said_in(file.get("fetch")).get("allow_private")),
    )


def _source(source: dict[str, Plain], path: KeyPath, defaults: dict[str, Plain]) -> DeclaredSource:
    key = next((key for key in ADDRESSES if key in source), "url")
    name, id_, every = (_text(source.get(each)) for each in ("name", "id", "every"))
    tags = _texts(source.get("tags", defaults.get("tags")))
    return DeclaredSource(path, key, _text(source.get(key)), name, id_, every, tags)


def _queries(file: dict[str, Plain]) -> Iterator[DeclaredQuery]:
    for kind in ("topics", "feeds", "rules"):
        for slug, value in said_in(file.get(kind)).items():
            if isinstance(value, str) and kind != "feeds":
                yield DeclaredQuery(kind, slug, (kind, slug), value)
            for key in ("query", "lead"):
                if isinstance(text := said_in(value).get(key), str):
                    yield DeclaredQuery(kind, slug, (kind, slug, key), text)
    own = [(("sources", at, "rewrite"), each.get("rewrite")) for at, each in entries_in(file.get("sources"))]
    for path, rule in [*own, *((("rewrites", at), each) for at, each in entries_in(file.get("rewrites")))]:
        if isinstance(text := said_in(rule).get("query"), str):
            yield DeclaredQuery("rewrites", "", (*path, "query"), text)


def _text(value: Plain) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _texts(listed: Plain) -> tuple[str, ...]:
    return tuple(filter(None, map(_text, listed))) if isinstance(listed, list) else ()
