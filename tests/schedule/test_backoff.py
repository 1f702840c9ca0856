"""How long a failing source is left alone."""

from aggregator.schedule.backoff import wait_s


def test_the_wait_is_two_to_the_failures_times_the_interval_within_a_tenth():
    for failures, meant in ((1, 120), (2, 240), (5, 1920)):
        for seed in map(str, range(200)):
            assert meant * 0.9 <= wait_s(failures, 60, seed) <= meant * 1.1


def test_sources_that_failed_together_are_tried_apart():
    waits = [wait_s(1, 3600, str(n)) for n in range(200)]
    assert max(waits) - min(waits) > 0.15 * 7200


def test_the_wait_is_at_most_a_day_and_still_spread():
    waits = [wait_s(12, 3600, str(n)) for n in range(200)]
    assert max(waits) <= 86400
    assert min(waits) >= 0.9 * 86400
    assert len(set(waits)) == 200


def test_a_weekly_source_is_not_asked_more_often_because_it_fails():
    assert wait_s(1, 7 * 86400, "weekly") == 7 * 86400


def test_a_thousand_failures_are_as_good_as_twenty():
    assert wait_s(1000, 1, "down") <= 86400
    assert wait_s(1000, 3600, "down") <= 86400


def test_one_seed_gives_one_wait():
    first, again, other = (wait_s(2, 60, seed) for seed in ("a", "a", "b"))
    assert first == again != other
