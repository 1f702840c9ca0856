"""Dates as pages write them for people: "yesterday", "3 hours ago", "Monday, 14:30", "25 Dec".

A text and the moment of reading flow in, a UTC-aware datetime or None flows out. Everything
that is a full date is left to parse.dates. A phrase that names no more than a day is that
day's beginning; nothing here is ever later than a day after the moment of reading.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from aggregator.parse.calendar_words import MONTHS, of_24
from aggregator.parse.dates import parse_date

#: seconds -> words for that span; a blank separates words, case does not count
_SPANS = {
    1: "s sec secs second seconds sekunde sekunden seconde secondes seconden "
    "segundo segundos secondo secondi sekunder sekundy sekund saniye sekuntia 秒 초",
    60: "m min mins minute minutes minuten minuto minutos minuti minut minuter minutter minuut minuty minutę "
    "минут минуты минуту dakika minuuttia 分 分钟 分鐘 분",
    3600: "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore uur uren timme timmar time "
    "timer godz godzin godziny godzinę час часа часов saat tuntia 小时 小時 時間 시간",
    86_400: "d day days tag tage tagen jour jours día días dia dias giorno giorni "
    "dag dagen dagar dage dni dzień день дня дней gün päivää 天 日 일",
    604_800: "w wk week weeks woche wochen semaine semaines semana semanas settimana settimane "
    "weken vecka veckor uge uker tydzień tygodnie неделю недели недель hafta viikkoa 周 週間 주",
    2_592_000: "mo month months monat monate monaten mois mes meses mese mesi mês maand maanden "
    "månad månader måned måneder miesiąc miesiące месяц месяца месяцев ay kuukautta 个月 個月 か月 ヶ月 개월",
    31_536_000: "y yr yrs year years jahr jahre jahren an ans année années año años anno anni ano anos "
    "jaar år rok lat год года лет yıl vuotta 年 년",
}
_SECONDS = {word: seconds for seconds, words in _SPANS.items() for word in words.split()}
_ONE = frozenset("a an one ein eine einem einer un une una uno um uma en et ett een".split())  # noqa: SIM905
_AGO = re.compile(
    r"\b(?:ago|vor|il y a|hace|fa|há|atrás|geleden|sedan|siden|temu|назад|önce|sitten)\b|[前전]$"
)
_NOW = re.compile(
    r"^(?:just )?now$|^moments? ago$|^jetzt$|^(?:gerade )?eben$|^à l'instant$|^ahora$|^adesso$|^agora$|^nu$"
)
_TODAY = (
    "today tonight heute aujourd'hui hoy oggi hoje vandaag idag dzisiaj dziś сегодня bugün tänään "
    "今日 今天 오늘"
)
_YESTERDAY = "yesterday gestern hier ayer ieri ontem gisteren igår wczoraj вчера dün eilen 昨日 昨天 어제"
_DAYS = dict.fromkeys(_TODAY.split(), 0) | dict.fromkeys(_YESTERDAY.split(), 1)
_WEEKDAYS = (
    "monday mon montag lundi lunes lunedì maandag måndag mandag",
    "tuesday tue tues dienstag mardi martes martedì dinsdag tisdag tirsdag",
    "wednesday wed mittwoch mercredi miércoles mercoledì woensdag onsdag",
    "thursday thu thurs donnerstag jeudi jueves giovedì donderdag torsdag",
    "friday fri freitag vendredi viernes venerdì vrijdag fredag",
    "saturday sat samstag sonnabend samedi sábado sabato zaterdag lördag lørdag",
    "sunday sun sonntag dimanche domingo domenica zondag söndag søndag",
)
_WEEKDAY = {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split()}
_AMOUNT = re.compile(r"(\d{1,4})\s*([^\W\d_]+?)(?=前|\b)")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})(?:[:.h](\d\d))?\s*([ap]\.?m\.?)?(?!\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def parse_when(text: str | None, now: datetime) -> datetime | None:
    """Return the moment that *text* names, in UTC; None if it names none.

    Args:
        now: the moment of reading, which words such as "ago" are counted from; UTC.
    """
    if not text or len(text) > 200:
        return None
    spoken = " ".join(text.lower().replace("’", "'").split()).strip(" .,·|-–—")
    if spoken and _NOW.search(spoken):
        return now.replace(microsecond=0)
    return _ago(spoken, now) or _named_day(spoken, now) or parse_date(text) or _yearless(spoken, now)


def _ago(spoken: str, now: datetime) -> datetime | None:
    """Read "3 hours ago", "vor 2 Tagen", "an hour ago", and the bare "5h" or "12 min"."""
    amounts = [(int(n), _SECONDS[word]) for n, word in _AMOUNT.findall(spoken) if word in _SECONDS]
    words = _WORD.findall(spoken)
    if not amounts and _AGO.search(spoken):
        amounts = [(1, _SECONDS[b]) for a, b in pairwise(words) if a in _ONE and b in _SECONDS]
    # a bare "5日" is the fifth
    is_bare = bool(re.fullmatch(r"\d{1,3}\s*[^\W\d_\u2e80-\uffff]+\.?", spoken))
    if not amounts or not (is_bare or _AGO.search(spoken)):
        return None
    count, seconds = amounts[0]
    moment = now - timedelta(seconds=count * seconds)
    return moment.replace(microsecond=0) if seconds < 86_400 else _midnight(moment)


def _named_day(spoken: str, now: datetime) -> datetime | None:
    """Read "Today, 14:30", "yesterday at 9pm", and the last "Monday", unless a date stands there."""
    words = _WORD.findall(spoken)
    has_day_word = any(word in _DAYS for word in words[:2])
    if any(word in MONTHS for word in words) and re.search(r"\d", spoken) and not has_day_word:
        return None
    for word in words[:2]:
        back = _DAYS.get(word)
        if back is None and word in _WEEKDAY and not re.search(r"\d{4}|\d[./-]\d", spoken):
            back = (now.weekday() - _WEEKDAY[word]) % 7
        if back is not None:
            rest = spoken.partition(word)[2]
            return _midnight(now - timedelta(days=back)) + _clock(rest)
    return None


def _clock(text: str) -> timedelta:
    match = next((m for m in _CLOCK.finditer(text) if m[2] or m[3]), None)
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return timedelta(0)
    hour = of_24(int(match[1]), {(match[3] or "").replace(".", "").lower()})
    return timedelta(hours=hour, minutes=int(match[2] or 0))


def _yearless(spoken: str, now: datetime) -> datetime | None:
    """Read "25 December" and "Dec 25, 14:30": the last such day that has been."""
    month = next((MONTHS[word] for word in _WORD.findall(spoken) if word in MONTHS), None)
    numbers = re.findall(r"(?<![\d:.])\d{1,2}(?![\d:])", spoken)
    if month is None or not numbers or re.search(r"\d{4}", spoken):
        return None
    for year in (now.year, now.year - 1):
        try:
            day = datetime(year, month, int(numbers[0]), tzinfo=UTC)
        except ValueError:
            continue
        if day <= now + timedelta(days=1):
            return day + _clock(spoken)
    return None


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
