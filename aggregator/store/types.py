"""Column types: how times, texts and frozen values are written into rows and read back.

In and out: Python values. This is the one choke point where characters that PostgreSQL
refuses are dropped, for stored and for looked-up values alike; nothing reaches the
database around it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

from aggregator.model.json_values import as_json, clean, reader_of

T = TypeVar("T")
#: a row of a result: columns as attributes (SQLAlchemy 2.0 and 2.1 type rows differently)
AnyRow = Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: values kept of each kind, and how short their JSON must be: a few megabytes in all
REMEMBERED, SHORT = 1500, 2000
#: moments whose numbers are kept
NUMBERED = 4096
MICROSECOND = timedelta(microseconds=1)


def micros(value: datetime) -> int:
    """Return whole microseconds since 1970; exact, unlike a float timestamp."""
    since = value - EPOCH
    # dividing by MICROSECOND says the same in twice the time, and every row has a few moments
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment_of(stored: int) -> datetime:
    """Return the moment of whole microseconds since 1970."""
    return EPOCH + stored * MICROSECOND


@lru_cache(maxsize=NUMBERED)
def _number_of(value: datetime | None) -> int | None:
    """Return what is stored of a moment; those of a batch of articles come in several columns and rows."""
    return None if value is None else micros(value)


def _cleaned_words(value: str | None) -> str | None:
    return None if value is None else clean(value)


class Instant(TypeDecorator[datetime]):
    """A moment, as microseconds since 1970 in an integer; comes back UTC-aware."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return _number_of(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return _number_of  # nothing is done to an integer after that

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment_of(value)


class Words(TypeDecorator[str]):
    """Text, cleaned on its way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return _cleaned_words(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return _cleaned_words  # nothing is done to a text after that


class Frozen(TypeDecorator[T], Generic[T]):
    """A frozen dataclass as JSON text; fields at their default are left out."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        return None if value is None else as_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        if value is None:
            return None
        read: Callable[[str], T] = (_known if len(value) < SHORT else reader_of)(self.kind)
        return read(value)


@cache
def _known(kind: Any) -> Callable[[str], Any]:
    """Rows of the same few sources are read again and again, and what is frozen can be shared."""
    return lru_cache(maxsize=REMEMBERED)(reader_of(kind))
