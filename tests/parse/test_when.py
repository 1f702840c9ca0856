"""Dates in words: what pages write for people becomes an instant, counted from the moment of reading."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.parse.when import parse_when

#: a Wednesday
NOW = datetime(2026, 1, 7, 15, 30, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("just now", "2026-01-07 15:30:20"),
        ("3 hours ago", "2026-01-07 12:30:20"),
        ("an hour ago", "2026-01-07 14:30:20"),
        ("5h", "2026-01-07 10:30:20"),
        ("12 min", "2026-01-07 15:18:20"),
        ("Published 2 days ago", "2026-01-05 00:00:00"),
        ("vor 3 Stunden", "2026-01-07 12:30:20"),
        ("vor einem Tag", "2026-01-06 00:00:00"),
        ("il y a 2 heures", "2026-01-07 13:30:20"),
        ("hace 4 días", "2026-01-03 00:00:00"),
        ("2 ore fa", "2026-01-07 13:30:20"),
        ("há 3 semanas", "2025-12-17 00:00:00"),
        ("3 uur geleden", "2026-01-07 12:30:20"),
        ("3 saat önce", "2026-01-07 12:30:20"),
        ("2 tuntia sitten", "2026-01-07 13:30:20"),
        ("3時間前", "2026-01-07 12:30:20"),
        ("3 天前", "2026-01-04 00:00:00"),
        ("5분 전", "2026-01-07 15:25:20"),
        ("Today", "2026-01-07 00:00:00"),
        ("Today, 14:05", "2026-01-07 14:05:00"),
        ("yesterday", "2026-01-06 00:00:00"),
        ("Yesterday at 9pm", "2026-01-06 21:00:00"),
        ("gestern, 18.30 Uhr", "2026-01-06 18:30:00"),
        ("Hier à 7h05", "2026-01-06 07:05:00"),
        ("Monday, 08:00", "2026-01-05 08:00:00"),
        ("Thursday, Dec 25, 2025", "2025-12-25 00:00:00"),
        ("25 Dec 2025", "2025-12-25 00:00:00"),
        ("25. Dezember 2025", "2025-12-25 00:00:00"),
        ("25 December", "2025-12-25 00:00:00"),
        ("5 January, 10:15", "2026-01-05 10:15:00"),
        ("2026-01-02T03:04:05+01:00", "2026-01-02 02:04:05"),
    ],
)
def test_words_are_counted_from_now(text: str, expected: str) -> None:
    assert parse_when(text, NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", [None, "", "soon", "by Ann", "5 comments", "3 min read", "Page 4", "5日", "x" * 500]
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert parse_when(text, NOW) is None
