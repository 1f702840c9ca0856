"""Lists of sources kept by somebody else join the configuration: OPML bytes in, sources out.

What the file itself configures comes first: a source that stands there, or in an earlier list,
is not added again. Names that would lead to one page get their host.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from aggregator.config.addresses import check_url
from aggregator.config.file import Loaded
from aggregator.config.languages import find_language
from aggregator.config.names import free_name
from aggregator.model import Source, SourceList
from aggregator.query.fields import source_key


def read_list(body: bytes, listing: SourceList) -> tuple[Source, ...]:
    """Return the sources that a list names, each once, with the list's settings.

    Raises:
        ConfigurationError: it is no OPML document.
    """
    from aggregator.config.imports.opml import read_opml  # few have lists

    found: dict[str, Source] = {}
    for each in read_opml(body, listing.place).subscriptions:
        if (url := _usable(each.url)) is not None and each.key == "url":
            source = found.get(url) or replace(
                listing.template,
                url=url,
                name=each.name or None,
                language=listing.template.language or find_language(each.language),
            )
            found[url] = replace(source, tags=tuple(sorted({*source.tags, *each.tags})))
    return tuple(found.values())


def add_lists(loaded: Loaded, listed: Mapping[str, tuple[Source, ...]]) -> Loaded:
    """Return *loaded* with the sources of its lists behind its own; the digest stays as it is.

    Args:
        listed: the sources of each list by its place.
    """
    sources = list(loaded.configuration.sources)
    urls = {source.url for source in sources}
    names = {source_key(each): 1 for source in sources for each in (source.id, source.name) if each}
    for listing in loaded.configuration.lists:
        for source in listed.get(listing.place, ()):
            if source.url not in urls:
                urls.add(source.url)
                sources.append(replace(source, name=free_name(source.name or "", source.url, names) or None))
    return replace(loaded, configuration=replace(loaded.configuration, sources=tuple(sources)))


def digest_with_lists(loaded: Loaded, digests: Mapping[str, str | None]) -> str:
    """Return a digest that changes with the file and with what its lists hold.

    Args:
        digests: of each list's bytes by its place; None where it was never read.
    """
    lists = [f"{each.place}\n{digests.get(each.place)}" for each in loaded.configuration.lists]
    return hashlib.sha256("\n".join([loaded.digest, *lists]).encode("utf-8", "replace")).hexdigest()


def _usable(url: str) -> str | None:
    try:
        return check_url(url)
    except ValueError:
        return None
