"""When a source is asked again, and the sentence that explains it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from aggregator.model import (
    Admission,
    ArticleState,
    Claim,
    Entry,
    Failed,
    FailureKind,
    Fetched,
    Gone,
    Hints,
    NotModified,
    Source,
    Validators,
)
from aggregator.schedule.plan import NEVER, floor_s, learn_rhythm, plan_next

NOW = datetime(2026, 3, 4, 10, 17, 5, tzinfo=UTC)
MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TAGGED = Validators(etag='"a"')


def claim(**changes) -> Claim:
    state = Claim(
        source_id=1,
        slug="paper",
        source=Source(url="https://paper.example/feed"),
        token="t",
        until=NOW + HOUR,
        url="https://paper.example/feed",
        validators=TAGGED,
        last_poll=NOW - HOUR,
        last_success=NOW - HOUR,
    )
    return replace(state, **changes)


def every(seconds: int, **changes) -> Claim:
    return claim(source=Source(url="https://paper.example/feed", every_s=seconds), **changes)


def not_modified(validators: Validators = TAGGED, **hints) -> NotModified:
    return NotModified(validators=validators, hints=Hints(**hints))


def fetched(validators: Validators = TAGGED, **hints) -> Fetched:
    return Fetched(
        url="https://paper.example/feed",
        status=200,
        headers={},
        body=b"",
        validators=validators,
        hints=Hints(**hints),
    )


def failed(kind: FailureKind = FailureKind.CONNECT, **hints) -> Failed:
    return Failed(kind=kind, reason="no answer", hints=Hints(**hints))


#: claim, outcome, the shortest wait; the longest is that and the drift of 2 %
WAITS = {
    "automatic: an hour": (claim(), not_modified(), HOUR, "every 1 h"),
    "automatic after a full answer: an hour": (claim(), fetched(), HOUR, "every 1 h"),
    "no validators: a day": (claim(), fetched(Validators()), DAY, "every 1 d: the server sends neither"),
    "the operator's interval holds as written": (every(900), not_modified(), 15 * MIN, "every 15 min"),
    "a test's interval of a second holds": (
        every(1),
        fetched(Validators()),
        timedelta(seconds=1),
        "every 1 s",
    ),
    "max-age lengthens": (claim(), fetched(fresh_s=7200), 2 * HOUR, "fresh for another 2 h (max-age)"),
    "max-age of a 304 lengthens": (claim(), not_modified(fresh_s=7200), 2 * HOUR, "fresh for another 2 h"),
    "max-age binds the operator too": (
        every(60),
        fetched(fresh_s=2400),
        40 * MIN,
        "fresh for another 40 min",
    ),
    "max-age of a year means a day": (claim(), fetched(fresh_s=3e7), DAY, "fresh for another 1 d"),
    "max-age=0 lowers nothing": (claim(), fetched(fresh_s=0), HOUR, "every 1 h"),
    "negative freshness lowers nothing": (claim(), fetched(fresh_s=-50), HOUR, "every 1 h"),
    "freshness that is no number is ignored": (claim(), fetched(fresh_s=float("nan")), HOUR, "every 1 h"),
    "Retry-After of a 200 is honoured": (claim(), fetched(retry_after_s=7200), 2 * HOUR, "(Retry-After)"),
    "Retry-After of a month means two days": (claim(), fetched(retry_after_s=3e6), 2 * DAY, "wait 2 d"),
    "ttl lengthens": (claim(), fetched(ttl_s=10800), 3 * HOUR, "asks for 3 h between polls (ttl)"),
    "ttl does not bind the operator": (every(600), fetched(ttl_s=10800), 10 * MIN, "every 10 min"),
    "a short ttl lowers nothing": (claim(), fetched(ttl_s=60), HOUR, "every 1 h"),
    "a weekly update period means a day": (claim(), fetched(period_s=604800), DAY, "(updatePeriod)"),
}


@pytest.mark.parametrize("case", WAITS)
def test_the_wait_after_a_success(case):
    state, outcome, wait, why = WAITS[case]
    plan = plan_next(state, outcome, NOW)
    assert wait <= plan.at - NOW <= wait * 1.021
    assert why in plan.why


def test_polls_are_never_nearer_than_the_floor_whatever_the_source_is_called():
    for number in range(500):
        plan = plan_next(claim(slug=f"paper-{number}"), not_modified(), NOW)
        assert plan.at - NOW >= HOUR


def test_the_publishers_freshness_alone_lowers_our_floor_but_not_under_five_minutes():
    assert floor_s(TAGGED, None) == 3600
    assert floor_s(TAGGED, 0) == 3600
    assert floor_s(TAGGED, 900) == 900
    assert floor_s(TAGGED, 20) == 300
    assert floor_s(TAGGED, 1e9) == 3600
    assert floor_s(Validators(), None) == 86400
    assert floor_s(Validators(), 1800) == 1800
    assert floor_s(Validators(last_modified="Sat, 01 Jan 2000 00:00:00 GMT"), None) == 3600


def test_sources_first_asked_together_are_asked_again_all_over_the_interval():
    first = [claim(slug=f"paper-{n}", last_poll=None, last_success=None) for n in range(400)]
    minutes = [(plan_next(state, fetched(), NOW).at - NOW) / MIN for state in first]
    assert min(minutes) >= 60
    assert max(minutes) <= 120
    for quarter in range(4):
        in_quarter = [m for m in minutes if 15 * quarter <= m - 60 < 15 * (quarter + 1)]
        assert 70 <= len(in_quarter) <= 130


def test_the_same_poll_is_planned_the_same_after_a_restart():
    assert plan_next(claim(), not_modified(), NOW) == plan_next(claim(), not_modified(), NOW)


def test_a_gone_source_is_never_asked_again():
    plan = plan_next(claim(), Gone(), NOW)
    assert plan.at == NEVER
    assert "410" in plan.why


def test_failures_double_the_wait_up_to_a_day():
    waits = [(plan_next(every(3600, failures=n), failed(), NOW).at - NOW) / HOUR for n in range(8)]
    for wait, meant in zip(waits, (2, 4, 8, 16, 24, 24, 24, 24), strict=True):
        assert meant * 0.9 <= wait <= min(24, meant * 1.1)


def test_failures_are_counted_in_the_reason():
    assert plan_next(claim(failures=0), failed(), NOW).why.startswith("1 failure: waiting ")
    assert plan_next(claim(failures=2), failed(), NOW).why.startswith("3 failures in a row: waiting ")


def test_a_success_ends_the_back_off():
    assert plan_next(every(3600, failures=7), not_modified(), NOW).at - NOW < 1.03 * HOUR


def test_retry_after_of_a_refusal_holds_for_everybody():
    plan = plan_next(every(60), failed(FailureKind.RATE_LIMITED, retry_after_s=7200), NOW)
    assert plan.at == plan.not_before == NOW + 2 * HOUR
    assert plan.why == "the server asked us to wait 2 h (Retry-After)"


def test_a_back_off_longer_than_retry_after_wins_but_only_retry_after_binds_manual_polls():
    plan = plan_next(claim(failures=6), failed(FailureKind.HTTP, retry_after_s=600), NOW)
    assert plan.at - NOW > 20 * HOUR
    assert plan.not_before == NOW + 10 * MIN


def test_a_rate_limit_without_retry_after_holds_for_everybody_too():
    plan = plan_next(claim(), failed(FailureKind.RATE_LIMITED), NOW)
    assert plan.not_before == plan.at > NOW + HOUR
    # a person need not wait out a long interval of our own
    plan = plan_next(every(7 * 86400), failed(FailureKind.RATE_LIMITED), NOW)
    assert plan.not_before == NOW + 2 * DAY < plan.at


def test_max_age_of_a_refusal_is_honoured():
    plan = plan_next(every(60), failed(FailureKind.RATE_LIMITED, fresh_s=10800), NOW)
    assert plan.at == NOW + 3 * HOUR


def test_an_ordinary_failure_leaves_manual_polls_free():
    assert plan_next(claim(), failed(), NOW).not_before is None


def test_a_failing_source_without_validators_is_not_asked_more_often_than_when_it_works():
    assert plan_next(claim(validators=Validators()), failed(), NOW).at - NOW >= DAY


def test_a_source_that_never_answered_is_tried_again_within_hours():
    state = claim(validators=Validators(), last_poll=None, last_success=None)
    assert plan_next(state, failed(FailureKind.HTTP), NOW).at - NOW <= 2.2 * HOUR


def test_a_source_that_was_never_reached_is_tried_again_within_minutes_and_less_and_less_often():
    state = claim(validators=Validators(), last_poll=None, last_success=None)
    unreached = failed(kind=FailureKind.CONNECT)
    waits = [plan_next(replace(state, failures=n), unreached, NOW).at - NOW for n in range(12)]
    assert waits[0] < timedelta(minutes=5)
    assert all(earlier < later for earlier, later in pairwise(waits[:9]))
    assert sum(waits[:5], timedelta()) > 1.8 * HOUR, "no more than five tries in two hours"
    assert waits[-1] > 0.8 * DAY


def test_skipped_hours_are_in_gmt():
    noon = plan_next(claim(), fetched(skip_hours=frozenset({11, 12, 13})), NOW)
    assert noon.at == datetime(2026, 3, 4, 14, tzinfo=UTC)
    assert "skipHours" in noon.why


def test_skipped_days_are_passed_over():
    # 4 March 2026 is a Wednesday
    plan = plan_next(claim(), fetched(skip_days=frozenset({2, 3})), NOW)
    assert plan.at == datetime(2026, 3, 6, tzinfo=UTC)


def test_a_feed_that_skips_every_hour_says_nothing():
    plan = plan_next(claim(), fetched(skip_hours=frozenset(range(24)), skip_days=frozenset(range(7))), NOW)
    assert plan.at - NOW < 1.03 * HOUR


def test_impossible_hours_are_ignored():
    plan = plan_next(claim(), fetched(skip_hours=frozenset({24, 99, -1})), NOW)
    assert plan.at - NOW < 1.03 * HOUR


def test_the_operators_interval_is_not_bent_by_skipped_hours():
    plan = plan_next(every(3600), fetched(skip_hours=frozenset({11})), NOW)
    assert plan.at.hour == 11


def known(times: list[datetime], **changes) -> Claim:
    return claim(rhythm=learn_rhythm(claim(), admissions(times), NOW), **changes)


def admissions(times, state: ArticleState = ArticleState.OUT, article_id: int | None = None):
    return tuple(
        Admission(
            source_id=1,
            entry=Entry(key=str(number), published=when),
            article_id=article_id,
            published_id=f"urn:{number}",
            first_seen=NOW,
            sort_date=when,
            state=state,
        )
        for number, when in enumerate(times)
    )


HOURLY = [NOW - HOUR * n for n in range(60)]
WEEKLY = [NOW - 2 * DAY - 7 * DAY * n for n in range(20)]


def test_a_source_whose_rhythm_is_known_is_asked_by_it():
    dear = 5000
    busy, quiet = (plan_next(known(times), not_modified(), NOW, dear) for times in (HOURLY, WEEKLY))
    assert HOUR <= busy.at - NOW < quiet.at - NOW
    assert "by its rhythm (about " in busy.why
    assert "a day)" in busy.why
    assert "by its rhythm (about one in " in quiet.why


def test_the_operators_interval_goes_before_the_rhythm():
    assert (
        plan_next(replace(known(HOURLY), source=every(900).source), not_modified(), NOW).why == "every 15 min"
    )


def test_wishes_and_validators_bind_the_rhythm_too():
    fresh = plan_next(known(HOURLY), fetched(fresh_s=5 * 3600), NOW)
    assert fresh.at - NOW >= 5 * HOUR
    assert fresh.why == "fresh for another 5 h (max-age)"
    assert plan_next(known(HOURLY), fetched(retry_after_s=30 * 3600), NOW).at - NOW >= 30 * HOUR
    assert plan_next(known(HOURLY), fetched(ttl_s=7 * 3600), NOW).at - NOW >= 7 * HOUR
    skipped = plan_next(known(HOURLY), fetched(skip_hours=frozenset(range(11, 16))), NOW)
    assert skipped.at == NOW.replace(hour=16, minute=0, second=0)
    unasked = plan_next(known(HOURLY), fetched(Validators()), NOW)
    assert unasked.at - NOW >= DAY
    assert unasked.why == "every 1 d: the server sends neither ETag nor Last-Modified"


def test_polls_by_rhythm_do_not_all_come_in_the_same_minute():
    minutes = {plan_next(known(HOURLY, slug=f"paper-{n}"), not_modified(), NOW).at.minute for n in range(60)}
    assert len(minutes) >= 6


def test_a_higher_price_delays_polls_of_our_choice_but_not_the_operators():
    ours = known(WEEKLY)
    dear = 1e6
    assert plan_next(ours, not_modified(), NOW, dear).at > plan_next(ours, not_modified(), NOW).at
    assert plan_next(every(900), not_modified(), NOW, dear) == plan_next(every(900), not_modified(), NOW)


def test_a_document_that_overflows_is_asked_for_whenever_manners_allow():
    state = claim(rhythm=learn_rhythm(claim(), admissions(NOW - n * 4 * MIN for n in range(15)), NOW))
    now = NOW
    for _ in range(5):
        now = plan_next(state, not_modified(), now).at
        fifteen = admissions(now - n * 4 * MIN for n in range(15))
        state = replace(state, last_poll=now, rhythm=learn_rhythm(state, fifteen, now, False, 15))
    assert plan_next(state, not_modified(), now).at == now + HOUR


def test_the_rhythm_is_learnt_from_new_entries_only():
    first = learn_rhythm(claim(), admissions(WEEKLY, ArticleState.SILENT), NOW)
    assert first is not None
    state = claim(rhythm=first)
    assert learn_rhythm(state, (), NOW + DAY) == first
    assert learn_rhythm(state, admissions([NOW], article_id=7), NOW + DAY) == first
    assert learn_rhythm(state, admissions([NOW], ArticleState.SILENT), NOW + DAY) == first
    assert learn_rhythm(state, admissions([NOW]), NOW + DAY) != first


def test_a_garbled_rhythm_is_learnt_anew():
    assert plan_next(claim(rhythm="{]"), not_modified(), NOW).why == "every 1 h"
