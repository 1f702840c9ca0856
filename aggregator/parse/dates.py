"""Dates as publishers write them become UTC-aware datetimes, or None.

Strings flow in: RFC 822 (two-digit years, named zones), RFC 3339, W3C-DTF, and the many
other ways people write a day: month names of other languages, dots for colons, words left
out. A time without a zone is UTC. Nonsense (year 1, the epoch that stands for "unknown")
is None. Future dates are returned as claimed; what they are worth is decided elsewhere.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from aggregator.parse.calendar_words import BUDDHIST, ERAS, MONTHS, PERSIAN, ZONES, gregorian, of_24

_ISO = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[T\s]\s*(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d*)?)?\s*(Z|[+-]\d\d?:?(?:\d\d)?|(?![ap]m$)[a-z]{1,5})?)?$",
    re.IGNORECASE,
)
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,?\s+)?(\d{1,2})[\s-]([A-Za-z]{3,9})\.?,?[\s-](\d{4}|\d\d)"
    r"\s+(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*([+-]\d{4}|(?![AaPp][Mm]$)[A-Za-z]{1,5})?$"
)
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})(?:[:.h]|[時时点點시]\s?)(\d\d|\d(?=:\d))(?:[:.m分](\d\d|(?<=:)\d))?(?:[.,]\d+)?s?(?!\d)",
    re.IGNORECASE,
)
_ZONE = re.compile(r"(?:GMT|UTC|UT)?\s*(?<!\d)([+-])(\d{1,2}):?(\d\d)?(?![\d-])", re.IGNORECASE)
#: a place whose clocks are meant, as the time zone database names it
_REGION = re.compile(r"[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_-]+){1,2}|[A-Z]{3}\d[A-Z]{3}")
_ZONE_NAME = re.compile(r"\b[a-z]+\b")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?\s*(Z|[+-]\d\d:?\d\d)?$")
_YEAR_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?(\d))?$", re.IGNORECASE)
_YEAR_DAY = re.compile(r"(\d{4})-?(\d{3})$")
_YEAR_MONTH = re.compile(r"(\d{4})(?:-(\d\d))?()$")
_SHORT = re.compile(r"(\d{2})-?(\d{2})(?:-?(\d\d))?$")
#: the last is how .NET writes it
_UNIX = re.compile(r"(\d{9,10})(?:\.\d+)?$|(?:/Date\()?(\d{12,13})(?:[+-]\d{4})?(?:\)/)?$")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,4})[-/.\s年월月일日년]+(\d{1,2})[-/.\s年월月일日년]+(\d{1,4})(?!\d)")
#: letters, with the signs that scripts of India and Thailand write around them
_WORDS = re.compile(r"(?:(?!\d)(?:[^\W_]|[\u0300-\u036f\u0900-\u0e4e]))+")
_ERA = re.compile(rf"({'|'.join(ERAS)})\s*(\d{{1,3}}|元)(?=\s*年)")
#: what stands in the way of a word: dots of Thai abbreviations and of "p. m.", months of two words, and the
#: sign of our era behind an Arabic year, which behind a clock means the afternoon
_SPELLED_APART = re.compile(
    r"(?<=[\u0e01-\u0e4e])\.|(?<=كانون) (?=ال)|(?<=تشرين) (?=ال)"
    r"|(?<=meán) (?=fómhair)|(?<=deireadh) (?=fómhair)"
    r"|(?<=\b[ap])\.\s?(?=m\b)"
    r"|(?<=(?<!\d)\d{4})\s?م\b",
    re.IGNORECASE,
)
#: years of two digits from which on they are counted in the Buddhist era: there were no feeds before 1995
_BUDDHIST_FROM = 38
#: Vietnamese counts its months
_COUNTED = re.compile(r",?\s*\b(?:tháng|thg)\s*(\d{1,2}),?\s*(?:năm\s*)?", re.IGNORECASE)
#: claims before this are placeholders
_OLDEST = datetime(1900, 1, 1, tzinfo=UTC)


# a document names a date several times, seldom one of another document
@lru_cache(maxsize=512)
def parse_date(text: str | None) -> datetime | None:
    """Return the instant that *text* names, in UTC; None if it names none or only nonsense."""
    if not text:
        return None
    raw = text.strip()[:100].replace("\u2212", "-")  # a minus sign
    if not raw:
        return None
    for read in (_read_iso, _read_rfc822, _read_short, _read_loosely):
        try:
            found = read(raw)
        except (ValueError, OverflowError):
            continue
        if found is not None:
            return _trusted(found)
    return None


def _trusted(moment: datetime) -> datetime | None:
    """Return *moment*, or None where it stands for "unknown": year 1, 1970-01-01 and its eve."""
    if moment < _OLDEST or (moment.year, moment.month, moment.day) in {(1970, 1, 1), (1969, 12, 31)}:
        return None
    return moment


def _read_rfc822(raw: str) -> datetime | None:
    match = _RFC822.match(raw)
    if match is None:
        return None
    day, month_name, year, hour, minute, second, zone = match.groups()
    month = MONTHS.get(month_name.lower())
    if month is None:
        return None
    return _build(_full_year(year), month, int(day), int(hour), int(minute), int(second or 0), _offset(zone))


def _read_iso(raw: str) -> datetime | None:
    """Read 2003-12-31T10:14:55Z with more or less of it, and 20031231101455Z."""
    match = _ISO.match(raw) or _COMPACT.match(raw)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    if int(month) > 12 >= int(day):
        month, day = day, month
    return _build(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), _offset(zone)
    )


def _read_short(raw: str) -> datetime | None:
    """Read 2003-W05-3, 2003-335, 2003-12, 2003 and Unix times."""
    if match := _YEAR_WEEK.match(raw):
        return datetime.fromisocalendar(int(match[1]), int(match[2]), int(match[3] or 1)).replace(tzinfo=UTC)
    if match := _YEAR_DAY.match(raw):
        return datetime(int(match[1]), 1, 1, tzinfo=UTC) + timedelta(days=int(match[2]) - 1)
    if match := _YEAR_MONTH.match(raw) or _SHORT.match(raw):
        return datetime(_full_year(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
    if match := _UNIX.match(raw):
        return datetime.fromtimestamp(int(match[1]) if match[1] else int(match[2]) / 1000, UTC)
    return None


def _read_loosely(raw: str) -> datetime | None:
    """Read a date in words or numbers in any order, with or without a clock and a zone."""
    raw = _COUNTED.sub(r"-\1-", _SPELLED_APART.sub("", raw))
    raw = _ERA.sub(lambda era: str(ERAS[era[1]] + (1 if era[2] == "元" else int(era[2]))), raw)
    clock, zone, rest = _take_clock(raw)
    day = _find_named_day(rest) or _find_numbered_day(rest)
    if day is None:
        return None
    if not zone and (region := _REGION.search(rest)):
        zone = _offset_in(region[0], day, clock)
    return _build(*day, *clock, zone)


def _take_clock(raw: str) -> tuple[tuple[int, int, int], timedelta, str]:
    """Return the time of day, the zone's offset, and what is left of *raw* without them."""
    matches = list(_CLOCK.finditer(raw))
    match = next((m for m in matches if "." not in m[0]), None)
    # "10.01.2020" has dots too: a clock with dots counts only at the end, behind a date
    if match is None and matches and re.search(r"\d{4}|[^\W\d_]", raw[: matches[-1].start()]):
        match = matches[-1]
    if match is None:
        return (0, 0, 0), timedelta(0), raw
    hour = of_24(int(match[1]), {word.lower() for word in _WORDS.findall(raw)})
    minute, second = int(match[2]), int(match[3] or 0)
    before, after = raw[: match.start()], raw[match.end() :]
    zone = timedelta(0)
    if numbers := _ZONE.search(after):
        zone = _signed(numbers[1], numbers[2], numbers[3] or "0")
        after = after[: numbers.start()] + " " + after[numbers.end() :]
    else:
        for name in _ZONE_NAME.findall(after.lower()):
            if name in ZONES:
                zone = timedelta(hours=ZONES[name])
    return (hour, minute, second), zone, f"{before} {after}"


def _find_named_day(text: str) -> tuple[int, int, int] | None:
    """Find year, month and day where the month is a word, in any language we know."""
    names = [w for word in _WORDS.findall(text) if (w := word.lower()) in MONTHS]
    if not names:
        return None
    # the last one: "mar" is also a Tuesday, and that stands first
    month = MONTHS[names[-1]]
    numbers = re.findall(r"\d+", text)
    year = next((n for n in numbers if len(n) == 4), None)
    if year is not None:
        days = [n for n in numbers if len(n) <= 2]
        return int(year), month, int(days[0]) if days else 1
    short = [n for n in numbers if len(n) <= 2]
    if len(short) < 2:
        return None
    # Thai dates count in the Buddhist era, whose century is left out like any other
    is_buddhist = "\u0e01" <= names[-1] <= "\u0e4e" and int(short[1]) >= _BUDDHIST_FROM
    return 2500 + int(short[1]) if is_buddhist else _full_year(short[1]), month, int(short[0])


def _find_numbered_day(text: str) -> tuple[int, int, int] | None:
    """Find year, month and day in numbers; 2020/1/10 is January, 10/1/2020 too unless 10 > 12."""
    match = _NUMBERS.search(text)
    if match is None:
        return None
    first, second, third = match.groups()
    if len(first) == 4:
        year, month, day = int(first), int(second), int(third)
    elif "/" in match[0]:
        # month first, as the country that writes slashes does, unless that cannot be
        month, day, year = int(first), int(second), _full_year(third)
    else:
        day, month, year = int(first), int(second), _full_year(third)
    if month > 12 >= day:
        month, day = day, month
    return year, month, day


def _full_year(text: str) -> int:
    """Return the year of two digits as RFC 2822 §4.3 says, with 1950 as the pivot; else as it is."""
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(text) == 3 else year


@lru_cache(maxsize=128)
def _offset(zone: str | None) -> timedelta:
    if not zone:
        return timedelta(0)
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        if len(digits) <= 2:
            return _signed(zone[0], digits, "0")
        return _signed(zone[0], digits[:-2], digits[-2:])
    return timedelta(hours=ZONES.get(zone.lower(), 0))


def _offset_in(region: str, day: tuple[int, int, int], clock: tuple[int, int, int]) -> timedelta:
    """Return how far the clocks of a place are ahead at a time of theirs; nothing where no such place is."""
    if region not in _regions():
        return timedelta(0)
    return datetime(*day, clock[0] % 24, tzinfo=ZoneInfo(region)).utcoffset() or timedelta(0)


@lru_cache(maxsize=1)
def _regions() -> frozenset[str]:
    # looking for one that is not there takes longer than reading the rest of the date
    return frozenset(available_timezones())


def _signed(sign: str, hours: str, minutes: str) -> timedelta:
    amount = timedelta(hours=int(hours), minutes=int(minutes))
    if amount > timedelta(hours=26):
        return timedelta(0)
    return -amount if sign == "-" else amount


def _build(year: int, month: int, day: int, hour: int, minute: int, second: int, zone: timedelta) -> datetime:
    extra = timedelta(0)
    if second >= 60:
        # a leap second is the next minute's first
        second, extra = 59, timedelta(seconds=1)
    if hour == 24:
        hour, extra = 0, extra + timedelta(days=1)
    if year in PERSIAN:
        year, month, day = gregorian(year, month, day)
    if 2400 < year < 2700:
        year -= BUDDHIST
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - zone + extra
