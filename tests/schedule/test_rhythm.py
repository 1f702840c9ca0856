"""What is learnt of a source, kept as text, and forgotten again."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.schedule.lookahead import outlook_of
from aggregator.schedule.rhythm import Rhythm, dump_rhythm, learn, load_rhythm
from aggregator.schedule.week import QUARTERS, place_in_week, quarter_of

NOW = datetime(2026, 3, 4, 10, 17, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def daily(days: int, hour: int = 9, until: datetime = NOW) -> list[datetime]:
    newest = until.replace(hour=hour, minute=0)
    return [newest - day * DAY for day in range(days)]


def test_the_week_is_cut_three_minutes_past_so_that_nine_oclock_ends_its_quarter():
    assert place_in_week(datetime(2026, 3, 2, 0, 3, tzinfo=UTC)) == 0
    assert quarter_of(datetime(2026, 3, 2, 0, 2, 59, tzinfo=UTC)) == QUARTERS - 1
    assert quarter_of(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) == 35
    assert quarter_of(datetime(2026, 3, 2, 9, 3, tzinfo=UTC)) == 36


def test_the_week_is_the_same_in_every_time_zone():
    there = NOW.astimezone(datetime.fromisoformat("2026-01-01T00:00+09:00").tzinfo)
    assert place_in_week(there) == place_in_week(NOW)


def test_the_rate_is_about_what_was_seen():
    assert learn(Rhythm(), daily(60), NOW).per_day(NOW) == pytest.approx(1, rel=0.15)
    often = learn(Rhythm(), [NOW - k * HOUR for k in range(30)], NOW)
    assert often.per_day(NOW) == pytest.approx(24, rel=0.5)


def test_the_rate_falls_in_silence_without_being_written_down():
    rhythm = learn(Rhythm(), daily(60), NOW)
    rates = [rhythm.per_day(NOW + days * DAY) for days in (0, 10, 30, 100, 400)]
    assert rates == sorted(rates, reverse=True)
    assert 0 < rates[-1] < 0.05


def test_a_source_that_wakes_up_is_believed_within_days():
    rhythm = learn(Rhythm(), daily(30, until=NOW - 400 * DAY), NOW)
    asleep = rhythm.per_day(NOW)
    for day in range(4):
        rhythm = learn(rhythm, [NOW + day * DAY - HOUR * n for n in range(3)], NOW + day * DAY)
    assert rhythm.per_day(NOW + 4 * DAY) > 10 * asleep


def test_an_undated_entry_counts_when_it_was_seen_but_not_in_a_first_document():
    assert learn(Rhythm(), [None, None], NOW).newest is None
    rhythm = learn(learn(Rhythm(), daily(3), NOW), [None], NOW + DAY)
    assert rhythm.newest == NOW + DAY
    rhythm = learn(learn(Rhythm(), daily(3), NOW), [None], NOW + DAY, last_poll=NOW + DAY - 2 * HOUR)
    assert rhythm.newest == NOW + DAY - HOUR


def test_a_source_without_dates_learns_its_rhythm_from_when_entries_were_seen():
    rhythm = learn(Rhythm(), [None] * 30, NOW)
    for day in range(1, 40):
        nine = NOW.replace(hour=9, minute=0) + day * DAY
        rhythm = learn(rhythm, [None], nine + HOUR / 2, last_poll=nine - HOUR / 2, overlaps=True)
    assert rhythm.per_day(NOW + 40 * DAY) == pytest.approx(1, rel=0.2)
    nine = quarter_of(NOW.replace(hour=8, minute=50))
    mass = outlook_of(rhythm.quarters, rhythm.odds, nine - 1).mass
    assert mass[4] > 10 * (mass[44] - mass[40])


def test_a_step_back_does_no_harm():
    first = learn(Rhythm(), daily(10), NOW)
    back = learn(first, [NOW - DAY] * 2, NOW - HOUR)
    assert (back.learnt_at, back.count > first.count) == (NOW, True)


def test_a_date_in_the_future_is_taken_for_the_time_it_was_seen():
    rhythm = learn(learn(Rhythm(), daily(3), NOW), [NOW + 900 * DAY], NOW + DAY)
    assert rhythm.newest == NOW + DAY


def test_a_hundred_entries_of_one_minute_are_an_import_and_no_habit():
    rhythm = learn(Rhythm(), [*daily(2), *[NOW - HOUR] * 100], NOW)
    assert sum(rhythm.quarters) < 11


def test_dates_of_the_dark_ages_do_no_harm():
    rhythm = learn(
        Rhythm(), [datetime(1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), NOW - DAY], NOW
    )
    assert 0 < rhythm.per_day(NOW) < 1


def test_a_document_of_only_new_entries_is_a_gap_and_recorded():
    first = learn(Rhythm(), daily(10), NOW)
    assert first.gaps == 0
    lossy = learn(first, [NOW + n * HOUR / 10 for n in range(10)], NOW + HOUR)
    assert (lossy.gaps, lossy.last_gap) == (1, NOW + HOUR)
    assert lossy.room < first.room


def test_a_caller_who_knows_whether_documents_overlap_is_believed():
    first = learn(Rhythm(), daily(10), NOW)
    assert learn(first, [NOW] * 10, NOW + HOUR, overlaps=True).gaps == 0
    assert learn(first, [NOW], NOW + HOUR, overlaps=False).gaps == 1


def test_a_kept_rhythm_says_the_same_as_the_learnt_one():
    draw = random.Random(1)
    rhythm = learn(Rhythm(), [NOW - draw.random() * 30 * DAY for _ in range(300)], NOW, window=300)
    again = load_rhythm(dump_rhythm(rhythm))
    assert again.per_day(NOW) == pytest.approx(rhythm.per_day(NOW), rel=0.001)
    outlooks = [outlook_of(one.quarters, one.odds, 100).mass for one in (again, rhythm)]
    assert outlooks[0] == pytest.approx(outlooks[1], abs=0.01)
    assert (again.newest, again.window, again.gaps) == (
        rhythm.newest.replace(microsecond=0) + (rhythm.newest.microsecond >= 500000) * timedelta(seconds=1),
        300,
        0,
    )


def test_a_busy_sources_rhythm_is_a_few_kilobytes():
    draw = random.Random(2)
    rhythm = learn(Rhythm(), [NOW - draw.random() * 60 * DAY for _ in range(20000)], NOW)
    assert len(dump_rhythm(rhythm)) < 6000
    assert len(dump_rhythm(learn(Rhythm(), daily(10), NOW))) < 2500


NO_RHYTHM = [None, "", "{}", "[]", "not json", '{"odd": 1}', '{"quarters": [1, 2]}', '{"since": 1e18}']


@pytest.mark.parametrize("text", NO_RHYTHM)
def test_a_text_that_is_no_rhythm_is_forgotten(text):
    assert load_rhythm(text) == Rhythm()
