"""Times as cron writes them: five fields in, the last moment they name before another out.

Minute, hour, day of month, month, day of week; ``*``, lists, ranges, steps and English short names.
As in cron, a day matches either of the two day fields where both are limited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    ("minute", 0, 59, ()), ("hour", 0, 23, ()), ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS), ("day of week", 0, 7, _DAYS),
)  # fmt: skip
_PART = re.compile(r"(\*|([0-9a-z]{1,3})(?:-([0-9a-z]{1,3}))?)(?:/([0-9]{1,2}))?")
#: a day named by a schedule is looked for so far back: the longest wait is for 29 February
_YEARS = 9


@dataclass(frozen=True, slots=True)
class Cron:
    """A schedule."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    #: 0 is Sunday
    weekdays: frozenset[int]
    #: a day need only match one of its two fields
    is_either_day: bool

    def has_day(self, day: date) -> bool:
        """Tell whether something happens on *day*."""
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        matches = in_month or in_week if self.is_either_day else in_month and in_week
        return day.month in self.months and matches


def parse_cron(text: str) -> Cron:
    """Return the schedule that *text* says.

    Raises:
        ValueError: it says none.
    """
    parts = text.lower().split()
    if len(parts) != len(_FIELDS):
        raise ValueError("a schedule has five fields, such as 0 7 * * mon-fri for 7:00 on working days")
    read = (_read(part, *field) for part, field in zip(parts, _FIELDS, strict=True))
    minutes, hours, days, months, weekdays = read
    return Cron(
        minutes,
        hours,
        days,
        months,
        frozenset(day % 7 for day in weekdays),
        not parts[2].startswith("*") and not parts[4].startswith("*"),
    )


def check_cron(text: str) -> str:
    """Return *text* if it is a schedule; errors as parse_cron()."""
    parse_cron(text)
    return " ".join(text.split())


def last_time(cron: Cron, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the last moment of the schedule up to *now*, in UTC; None if there was none for years."""
    local = now.astimezone(zone)
    for back in range(366 * _YEARS):
        day = local.date() - timedelta(days=back)
        if not cron.has_day(day):
            continue
        for hour in sorted(cron.hours, reverse=True):
            for minute in sorted(cron.minutes, reverse=True):
                at = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
                if at <= now:
                    return at
    return None


def _read(text: str, name: str, lowest: int, highest: int, names: tuple[str, ...]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no {name}")
        step = int(match[4] or 1)
        if match[1] == "*":
            first, last = lowest, highest
        else:
            first = _number(match[2], name, names)
            last = _number(match[3], name, names) if match[3] else highest if match[4] else first
        if not lowest <= first <= last <= highest or not step:
            raise ValueError(f"{part!r} is outside {lowest} to {highest}, the values of a {name}")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, name: str, names: tuple[str, ...]) -> int:
    if text in names:
        return names.index(text) + (1 if names is _MONTHS else 0)
    if not text.isdigit():
        raise ValueError(f"{text!r} is no {name}")
    return int(text)
