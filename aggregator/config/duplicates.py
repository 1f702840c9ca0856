"""What no two sources or feeds may share, and how often a source may be polled: declared in, problems out."""

from __future__ import annotations

from collections.abc import Callable

from aggregator.config.addresses import check_admission, is_admitted
from aggregator.config.declared import Declared
from aggregator.config.durations import parse_duration
from aggregator.config.positions import KeyPath
from aggregator.config.problems import Complaints
from aggregator.query.fields import source_key

#: the shortest time between polls of a public host
_SHORTEST_S = 60


def check_duplicates(declared: Declared, complaints: Complaints) -> None:
    """Complain of each source whose url, id, name or address under /sources/ an earlier one has.

    Names are compared as slugs, since two names with one slug would lead to one page.
    """
    _check_unique(declared, "url", str, complaints)
    _check_unique(declared, "id", str, complaints)
    _check_unique(declared, "name", lambda text: source_key(text) or text, complaints)
    _check_handles(declared, complaints)


def _check_unique(declared: Declared, field: str, key: Callable[[str], str], complaints: Complaints) -> None:
    first: dict[str, KeyPath] = {}
    for source in declared.sources:
        path = (*source.path, source.key if field == "url" else field)
        if (text := getattr(source, field)) and (earlier := first.setdefault(key(text), path)) != path:
            line = complaints.line_of(earlier)
            complaints.at(path, f"another source has this {field} already, on line {line}")


def _check_handles(declared: Declared, complaints: Complaints) -> None:
    """Complain of an id that is the slug of another source's name."""
    names = {source_key(each.name): each for each in declared.sources if each.name}
    for source in declared.sources:
        other = names.get(source.id) if source.id else None
        if other and other is not source and other.id is None:
            line = complaints.line_of((*other.path, "name"))
            complaints.at((*source.path, "id"), f"the source named on line {line} has this slug")


def check_every(declared: Declared, complaints: Complaints) -> None:
    """Complain of polls more often than once a minute, unless ``allow_private`` admits the host."""
    admissions = [text for text in map(_admission, declared.admissions) if text]
    for source in declared.sources:
        every = source.every or declared.every
        if every and source.url and _is_too_often(every) and not is_admitted(source.url, admissions):
            path = (*source.path, "every") if source.every else ("defaults", "every")
            message = "shorter than 60s; only hosts named in fetch.allow_private may be polled more often"
            complaints.at(path, message)


def _is_too_often(every: str) -> bool:
    try:
        return parse_duration(every) < _SHORTEST_S
    except ValueError:
        return False


def _admission(text: str) -> str | None:
    try:
        return check_admission(text)
    except ValueError:
        return None
