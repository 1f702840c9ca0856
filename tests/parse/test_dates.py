"""Dates as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.dates import parse_date


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


READABLE = {
    "RFC 822 with a named day": ("Tue, 03 Feb 2026 10:11:12 GMT", utc(2026, 2, 3, 10, 11, 12)),
    "no named day, no seconds": ("3 Feb 2026 10:11 +0100", utc(2026, 2, 3, 9, 11)),
    "a wrong named day is ignored": ("Mon, 03 Feb 2026 10:11:12 GMT", utc(2026, 2, 3, 10, 11, 12)),
    "two-digit year of this century": ("03 Feb 26 00:00:00 UT", utc(2026, 2, 3)),
    "two-digit year of the last": ("03 Feb 99 00:00:00 UT", utc(1999, 2, 3)),
    "an American zone": ("Tue, 03 Feb 2026 10:00:00 PDT", utc(2026, 2, 3, 17)),
    "a European summer zone": ("Wed, 01 Jul 2026 10:00:00 CEST", utc(2026, 7, 1, 8)),
    "British summer time": ("Wed, 01 Jul 2026 10:00:00 BST", utc(2026, 7, 1, 9)),
    "GMT with an offset": ("Wed, 01 Jul 2026 10:00:00 GMT+0200", utc(2026, 7, 1, 8)),
    "an offset with a colon": ("Wed, 01 Jul 2026 10:00:00 +02:00", utc(2026, 7, 1, 8)),
    "an unknown zone is UTC": ("Wed, 01 Jul 2026 10:00:00 QQT", utc(2026, 7, 1, 10)),
    "month before the day": ("Feb 3, 2026 10:00 PM", utc(2026, 2, 3, 22)),
    "afternoon, as in RFC 822": ("Tuesday, 3 February 2026 1:02 PM", utc(2026, 2, 3, 13, 2)),
    "midnight, as in RFC 822": ("3 Feb 2026 12:02:03am", utc(2026, 2, 3, 0, 2, 3)),
    "afternoon, as in ISO 8601": ("2026-02-03 1:02pm", utc(2026, 2, 3, 13, 2)),
    "month in full": ("Tuesday, 03 February 2026 10:00:00 GMT", utc(2026, 2, 3, 10)),
    "noon and midnight": ("02/03/2026 12:30 AM", utc(2026, 2, 3, 0, 30)),
    "RFC 3339": ("2026-02-03T10:11:12Z", utc(2026, 2, 3, 10, 11, 12)),
    "fractions of a second": ("2026-02-03T10:11:12.987654-03:30", utc(2026, 2, 3, 13, 41, 12)),
    "a minus sign in the zone": ("2026-02-03T10:00:00\u221205:00", utc(2026, 2, 3, 15)),
    "a blank for the T": ("2026-02-03 10:11:12", utc(2026, 2, 3, 10, 11, 12)),
    "a blank before the zone": ("2026-02-03 10:11:12 +0100", utc(2026, 2, 3, 9, 11, 12)),
    "a day alone": ("2026-02-03", utc(2026, 2, 3)),
    "a month alone": ("2026-02", utc(2026, 2, 1)),
    "a year alone": ("2026", utc(2026, 1, 1)),
    "no separators": ("20260203T101112Z", utc(2026, 2, 3, 10, 11, 12)),
    "day of the year": ("2026-034", utc(2026, 2, 3)),
    "a week": ("2026-W06-2", utc(2026, 2, 3)),
    "year first with slashes is no American date": ("2020/1/10", utc(2020, 1, 10)),
    "American slashes": ("1/10/2020", utc(2020, 1, 10)),
    "slashes that cannot be American": ("31/1/2020", utc(2020, 1, 31)),
    "day first with dots": ("10.1.2020", utc(2020, 1, 10)),
    "dots in the clock": ("10 Jan 2020 23.38.15", utc(2020, 1, 10, 23, 38, 15)),
    "German": ("Dienstag, 3. März 2026 - 14:30 Uhr", utc(2026, 3, 3, 14, 30)),
    "French": ("mar., 03 févr. 2026 10:00:00 +0100", utc(2026, 2, 3, 9)),
    "Spanish": ("3 de febrero de 2026 10:00", utc(2026, 2, 3, 10)),
    "Italian": ("mar, 03 feb 2026 10:00:00 +0000", utc(2026, 2, 3, 10)),
    "Portuguese": ("Ter, 3 Fev 2026 10:00:00 -0300", utc(2026, 2, 3, 13)),
    "Dutch": ("di 3 maart 2026 10:00", utc(2026, 3, 3, 10)),
    "Polish": ("3 lutego 2026, 10:00", utc(2026, 2, 3, 10)),
    "Czech": ("3. února 2026 10:00", utc(2026, 2, 3, 10)),
    "Russian": ("3 марта 2026 12:00", utc(2026, 3, 3, 12)),
    "Greek": ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", utc(2004, 7, 11, 17)),
    "Hungarian": ("2004-július-13T9:15-05:00", utc(2004, 7, 13, 14, 15)),
    "Turkish": ("3 Şubat 2026 10:00", utc(2026, 2, 3, 10)),
    "Korean": ("2004년 05월 28일  01:31:15", utc(2004, 5, 28, 1, 31, 15)),
    "Korean with a half of the day": ("2004-05-25 오후 11:23:17", utc(2004, 5, 25, 23, 23, 17)),
    "Chinese": ("2026年2月3日 10:00", utc(2026, 2, 3, 10)),
    "Chinese, with characters in the clock": ("2026年2月3日 下午3时05分", utc(2026, 2, 3, 15, 5)),
    "Japanese, by the emperor's years": ("令和8年2月3日 10時30分", utc(2026, 2, 3, 10, 30)),
    "the first year of an era": ("平成元年2月3日", utc(1989, 2, 3)),
    "Taiwan's years": ("民國115年2月3日", utc(2026, 2, 3)),
    "Thai": ("3 กุมภาพันธ์ 2569 10:30 น.", utc(2026, 2, 3, 10, 30)),
    "Thai, abbreviated": ("อังคาร 3 ก.พ. 69 10.30 น.", utc(2026, 2, 3, 10, 30)),
    "Thai, abbreviated, in the years of everybody else": ("3 ก.พ. 26 10:30", utc(2026, 2, 3, 10, 30)),
    "the Buddhist era in RFC 822": ("Tue, 03 Feb 2569 10:00:00 +0700", utc(2026, 2, 3, 3)),
    "the Buddhist era in RFC 3339, on a leap day": ("2567-02-29T10:00:00Z", utc(2024, 2, 29, 10)),
    "Vietnamese": ("ngày 3 tháng 2 năm 2026, 10:30", utc(2026, 2, 3, 10, 30)),
    "Hebrew": ("3 בפברואר 2026", utc(2026, 2, 3)),
    "Arabic, in Arabic digits": ("٣ فبراير ٢٠٢٦ ٣:٣٠ م", utc(2026, 2, 3, 15, 30)),
    "Arabic, with the sign of our era": ("3 فبراير 2026م - 10:30 ص", utc(2026, 2, 3, 10, 30)),
    "Arabic, with the sign of our era apart": ("3 فبراير 2026 م الساعة 10:30", utc(2026, 2, 3, 10, 30)),
    "Arabic of the Levant": ("3 تشرين الثاني 2026", utc(2026, 11, 3)),
    "Hindi": ("3 फरवरी 2026", utc(2026, 2, 3)),
    "Bengali, in Bengali digits": ("৩ ফেব্রুয়ারি ২০২৬", utc(2026, 2, 3)),
    "Bulgarian": ("3 февруари 2026 г.", utc(2026, 2, 3)),
    "Lithuanian": ("2026 m. vasario 3 d.", utc(2026, 2, 3)),
    "half of the day in capitals": ("February 3, 2026 at 3:30 P.M. EST", utc(2026, 2, 3, 20, 30)),
    "the morning in capitals": ("February 3, 2026, 10:30 A.M.", utc(2026, 2, 3, 10, 30)),
    "half of the day in Spanish": ("3 feb. 2026 3:30 p. m.", utc(2026, 2, 3, 15, 30)),
    "hyphens in RFC 822": ("Tuesday, 03-Feb-26 10:11:12 GMT", utc(2026, 2, 3, 10, 11, 12)),
    "asctime": ("Tue Feb  3 10:11:12 2026", utc(2026, 2, 3, 10, 11, 12)),
    "asctime with a zone": ("Tue Feb  3 10:11:12 EST 2026", utc(2026, 2, 3, 15, 11, 12)),
    "a leap second": ("2016-12-31T23:59:60Z", utc(2017, 1, 1)),
    "24 o'clock": ("2026-02-03T24:00:00Z", utc(2026, 2, 4)),
    "seconds since 1970": ("1770113472", utc(2026, 2, 3, 10, 11, 12)),
    "milliseconds since 1970": ("1770113472000", utc(2026, 2, 3, 10, 11, 12)),
    "milliseconds as .NET writes them": ("/Date(1770113472000+0100)/", utc(2026, 2, 3, 10, 11, 12)),
    "a clock without noughts": ("Tue, 03 Feb 2026 8:0:5 GMT", utc(2026, 2, 3, 8, 0, 5)),
    "a place for a zone": ("03 Feb 2026 10:00 Europe/Berlin", utc(2026, 2, 3, 9)),
    "a place for a zone, in summer": ("2026-07-03T10:00:00[America/New_York]", utc(2026, 7, 3, 14)),
    "a zone and a place": ("2026-07-03T10:00:00+01:00[Europe/Berlin]", utc(2026, 7, 3, 9)),
    "a zone that knows its summer, in winter": ("Tue, 03 Feb 2026 10:00:00 PST8PDT", utc(2026, 2, 3, 18)),
    "a zone that knows its summer, in summer": ("Fri, 03 Jul 2026 10:00:00 PST8PDT", utc(2026, 7, 3, 17)),
    "Persian": ("1405/09/02 10:00", utc(2026, 11, 23, 10)),
    "Persian, with a zone": ("1404-12-29T10:00:00+03:30", utc(2026, 3, 20, 6, 30)),
    "a place that is none": ("03 Feb 2026 10:00 Atlantis/Harbour", utc(2026, 2, 3, 10)),
    "the clock before the day": ("10:11 03-02-2026", utc(2026, 2, 3, 10, 11)),
    "a clock, a day, a zone": ("10:11 03-02-2026 +0100", utc(2026, 2, 3, 9, 11)),
    "Icelandic, short": ("fös, 20 nóv 2026 08:00:00 +0000", utc(2026, 11, 20, 8)),
    "Irish": ("3 Meán Fómhair 2026", utc(2026, 9, 3)),
    "Armenian": ("3 փետրվարի 2026", utc(2026, 2, 3)),
    "a date before 1970": ("Tue, 03 Feb 1959 00:00:00 GMT", utc(1959, 2, 3)),
    "a future date stays as claimed": ("2088-01-01T00:00:00Z", utc(2088, 1, 1)),
    "blanks around": ("\n  Tue, 03 Feb 2026 10:11:12 GMT \t", utc(2026, 2, 3, 10, 11, 12)),
}


@pytest.mark.parametrize(("text", "moment"), READABLE.values(), ids=READABLE.keys())
def test_a_date_is_read_as_its_writer_meant_it(text: str, moment: datetime) -> None:
    assert parse_date(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "yesterday",
        "0001-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "1969-12-31T16:00:00-08:00",
        "0000-00-00 00:00:00",
        "2026-02-30",
        "32 Feb 2026 00:00:00 GMT",
        "1405/08/31",
        "99999999999999999999",
        "T",
        "::::",
        "0",
    ],
)
def test_nonsense_is_no_date(text: str) -> None:
    assert parse_date(text) is None


def test_no_date_is_no_date() -> None:
    assert parse_date(None) is None


@given(
    st.text(max_size=60)
    | st.from_regex(r"[0-9]{1,5}[-/. :][A-Za-z0-9]{1,5}[-/. :][0-9]{1,5}[ T0-9:.+Z-]{0,12}")
)
def test_no_text_is_ever_an_error(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.utcoffset() is not None
