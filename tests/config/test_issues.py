"""Time-shaped feeds in the file: what they become, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.model import PerSource, Timed
from tests.config.loading import complaints, load


@pytest.mark.parametrize(
    ("settings", "timed"),
    [
        ("digest: daily at 07:00", Timed(form="digest", every="day", hour=7)),
        ("digest: daily", Timed(form="digest", every="day", hour=7)),
        ("digest: Weekly on Friday at 18:30, stories: 5",
         Timed(form="digest", every="week", weekday=4, hour=18, minute=30, stories=5)),
        ("digest: monthly at 9:05", Timed(form="digest", every="month", hour=9, minute=5)),
        ("best: week", Timed(form="best", every="week", stories=10)),
        ("best: day, limit: 5", Timed(form="best", every="day", stories=5)),
        ("limit: 5", None),
    ],
)  # fmt: skip
def test_times_of_issues(tmp_path: Path, settings: str, timed: Timed | None) -> None:
    made = load(tmp_path, f"feeds: {{f: {{{settings}}}}}\n").configuration.feeds[0]
    assert made.timed == timed
    assert made.duplicates == ("story" if timed else "keep")


def test_copies_may_be_kept_apart_in_a_digest(tmp_path: Path) -> None:
    made = load(tmp_path, "feeds: {f: {digest: daily, duplicates: link}}\n").configuration.feeds[0]
    assert made.duplicates == "link"


def test_the_rest_of_a_day_may_become_one_entry(tmp_path: Path) -> None:
    text = "feeds: {f: {per_source: 5 per day, overflow: digest}}\n"
    made = load(tmp_path, text).configuration.feeds[0]
    assert made.per_source == PerSource(count=5, per_day=True, rolls_up=True)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ("digest: at seven", "write daily at 07:00, weekly on monday at 07:00, or monthly at 07:00"),
        ("digest: daily at 24:00", "write daily at 07:00, weekly on monday at 07:00, or monthly at 07:00"),
        ("digest: daily on monday", "write daily at 07:00, weekly on monday at 07:00, or monthly at 07:00"),
        ("best: year", "'year' is not known here"),
        ("best: week, digest: daily", "write `digest` or `best`, not both"),
        ("stories: 5", "`stories` is for feeds with `digest` or `best`; others have `limit`"),
        ("best: week, max_age: 2d", "a feed with `digest` or `best` takes no `per_source` and no `max_age`"),
        ("best: week, stories: 60", "an issue of 60 stories needs a `limit` of as many"),
        ("per_source: 5, overflow: digest", "`overflow: digest` needs `per_source: N per day`"),
        ("overflow: digest", "`overflow: digest` needs `per_source: N per day`"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, settings: str, complaint: str) -> None:
    (said,) = complaints(tmp_path, f"feeds: {{f: {{{settings}}}}}\n")
    assert complaint in said
