"""Frozen values as JSON: the fields that are not at their default, and back by the types of fields.

A value flows in, JSON out, clean of what no database stores; JSON that we wrote flows in, an equal value out.
What people write by hand is not read here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, get_args, get_origin, get_type_hints

import orjson

#: what is worked out of the other fields, and not stored
_DERIVED = frozenset({"wording", "packed"})
_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_UTC_Z


class _Stored(dict[type, tuple[list[str], Callable[[Any], Any], list[Any]]]):
    """Of each kind of value the names of its stored fields, what takes them out, what is left out of each."""

    def __missing__(self, kind: type) -> tuple[list[str], Callable[[Any], Any], list[Any]]:
        stored = [one for one in fields(kind) if one.name not in _DERIVED]
        names = [one.name for one in stored]
        # of a single name attrgetter() makes no tuple: it is asked for twice, and zip() stops before
        self[kind] = names, attrgetter(*names, names[0]), [_default(one) for one in stored]
        return self[kind]


_STORED = _Stored()


def clean(text: str) -> str:
    """Return *text* without NUL and lone surrogates, which no database stores as text."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\x00", "")


def as_json(value: object) -> bytes:
    """Return the JSON of a frozen dataclass: of texts, numbers, moments, tuples, sets, and others such."""
    try:
        raw = orjson.dumps(value, _plain, _OPTIONS)
        if b"\\u0000" not in raw:
            return raw
    except orjson.JSONEncodeError:
        pass  # a lone surrogate somewhere inside
    return orjson.dumps(_cleaned(value), option=_OPTIONS)


@cache
def reader_of(kind: type[Any]) -> Callable[[str | bytes], Any]:
    """Return what makes a value of *kind* of the JSON that as_json() made of it.

    Fields that *kind* has no more are passed over.
    """
    fill = _filler(kind)
    return lambda raw: fill(orjson.loads(raw))


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return list(value)
    names, of, defaults = _STORED[value.__class__]
    told = zip(names, of(value), defaults, strict=False)
    return {name: inner for name, inner, default in told if inner != default}


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case tuple() | frozenset():
            return [_cleaned(each) for each in value]
        case None | int() | float() | datetime():
            return value
        case _:
            # what is nothing but such characters is at its default then, and left out as well
            cleaned = {name: _cleaned(inner) for name, inner in _plain(value).items()}
            names, _, defaults = _STORED[value.__class__]
            at_default = dict(zip(names, defaults, strict=True))
            return {name: inner for name, inner in cleaned.items() if inner != at_default[name]}


def _filler(kind: Any) -> Callable[[dict[str, Any]], Any]:
    hints = get_type_hints(kind)
    makers = {name: maker for name, hint in hints.items() if (maker := _maker(hint)) is not None}

    def filled(found: dict[str, Any]) -> Any:
        for name in makers.keys() & found.keys():
            found[name] = makers[name](found[name])
        if not found.keys() <= hints.keys():
            found = {name: value for name, value in found.items() if name in hints}
        return kind(**found)

    return filled


def _maker(hint: Any) -> Callable[[Any], Any] | None:
    """Return what makes a field's value of what JSON holds of it; None: that is the value."""
    if hint is datetime:
        return datetime.fromisoformat
    if is_dataclass(hint):
        return _filler(hint)
    sequence, inner = get_origin(hint), [each for each in get_args(hint) if each not in (type(None), ...)]
    makers = [_maker(each) for each in inner]
    if sequence not in (tuple, frozenset):
        return _unless_none(next(filter(None, makers), None))
    if len(inner) > 1:
        return lambda found: tuple(
            [make(one) if make else one for make, one in zip(makers, found, strict=True)]
        )
    make = makers[0]
    return sequence if make is None else lambda found: sequence([make(one) for one in found])


def _unless_none(make: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    return make and (lambda found: None if found is None else make(found))
