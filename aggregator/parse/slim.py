"""A reading as it crosses between processes: of each value of an entry the fields in order, and no more.

A document of twenty entries is a hundred and more small frozen values. As dataclasses pickle them,
the names of their fields are gathered anew for each, on both sides; so both take half as long.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from dataclasses import fields
from operator import attrgetter
from typing import Any

from aggregator.model import Category, Enclosure, Entry, Link, Person, TracedEntry, Wording

_KINDS: tuple[type, ...] = (Entry, Person, Link, Category, Enclosure, TracedEntry, Wording)
_NAMES = {kind: [field.name for field in fields(kind)] for kind in _KINDS}
_FIELDS_OF = {kind: attrgetter(*names) for kind, names in _NAMES.items()}
#: what sets each field of a frozen value while it is made
_SETTERS = {kind: [getattr(kind, name).__set__ for name in names] for kind, names in _NAMES.items()}


def pickled(reading: object) -> bytes:
    """Return a reading as bytes from which pickle.loads() makes an equal one."""
    written = io.BytesIO()
    pickler = pickle.Pickler(written, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(reading)
    return written.getvalue()


def made_of(kind: type, *values: Any) -> Any:
    """Return the frozen value of *kind* whose fields have these values, in the order of its fields."""
    made: Any = object.__new__(kind)
    for put, value in zip(_SETTERS[kind], values, strict=True):
        put(made, value)
    return made


def _taken_apart(value: Any) -> tuple[Any, ...]:
    kind = value.__class__
    return made_of, (kind, *_FIELDS_OF[kind](value))


_REDUCERS = {**copyreg.dispatch_table, **dict.fromkeys(_KINDS, _taken_apart)}
