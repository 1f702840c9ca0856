"""When an issue of a time-shaped feed is due: its setting, a moment and a zone in, UTC instants out.

Times are the wall clock's of the site, so a day around a change of the clocks is 23 or 25 hours
long. A time that the clocks skip counts as the moment it would have been.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from aggregator.model import Timed


def last_times(timed: Timed, now: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield the times up to *now* at which issues were due, newest first, without end."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    while True:
        if _is_day(timed, day) and (at := _moment(timed, day, zone)) <= now:
            yield at
        day -= timedelta(days=1)


def next_time(timed: Timed, now: datetime, zone: tzinfo) -> datetime:
    """Return the next time after *now* at which an issue is due."""
    day = now.astimezone(zone).date()
    while not (_is_day(timed, day) and (at := _moment(timed, day, zone)) > now):
        day += timedelta(days=1)
    return at


def due_times(
    timed: Timed, made: datetime | None, now: datetime, zone: tzinfo, most: int
) -> list[tuple[datetime, datetime]]:
    """Return (since, at) of the issues that are due and not made yet, oldest first, at most *most*.

    Args:
        made: when the last one that was made was due; None if none was: then only the newest is due.
    """
    times = last_times(timed, now, zone)
    at = next(times)
    due = []
    while made is None or at > made:
        since = next(times)
        due.append((since, at))
        if made is None or len(due) == most:
            break
        at = since
    return due[::-1]


def _moment(timed: Timed, day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(timed.hour, timed.minute), zone).astimezone(UTC)


def _is_day(timed: Timed, day: date) -> bool:
    if timed.every == "week":
        return day.weekday() == timed.weekday
    return timed.every == "day" or day.day == 1
