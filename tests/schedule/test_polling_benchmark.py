"""The simulator counts right, and the rule it judges keeps its promises on invented rhythms."""

import pytest

from aggregator.schedule.cadence import PRICE
from benchmarks.histories import DAY, HOUR, START, History, generated
from benchmarks.polling import Fixed, Miniflux, Ours, knowing_the_future, render, replay, report

LIVELY = ("newsroom", "weekday-blog", "podcast", "bulletin", "blog")


def history(*times: int, days: int = 2, window: int = 10) -> History:
    return History("made", "generated", times, START, START + days * DAY, window)


def invented(number: int) -> list[History]:
    names = {f"generated/{kind}-{number}" for kind in LIVELY}
    return [made for made in generated(7) if made.name in names]


def test_a_fixed_interval_waits_half_of_itself_on_average():
    times = range(START + 2 * HOUR, START + 40 * HOUR, 611)
    row = report("fixed", [replay(history(*times, window=100), Fixed(60))])
    assert row["requests"] in {"23.5", "24.0"}
    assert float(row["merit"]) == pytest.approx(1, abs=0.05)
    assert row["lost"] == "0.000%"


def test_entries_that_left_the_document_before_a_poll_are_lost():
    burst = [START + 10 * HOUR + second for second in range(25)]
    assert replay(history(*burst), Fixed(60)).lost == 15


def test_an_entry_never_found_waits_until_the_end():
    late = START + 2 * DAY - 60
    assert replay(history(START + HOUR, late), Miniflux()).delays[-1] == 60


def test_who_knows_the_future_asks_when_an_entry_appears_and_at_least_daily():
    best = knowing_the_future(history(START + 30 * HOUR, START + 60 * HOUR, days=4), price=600)
    assert best.delays == [0, 0]
    assert best.requests == 5


@pytest.mark.parametrize("number", [0, 1])
def test_the_rhythm_saves_more_than_a_third_of_the_waiting_at_the_same_number_of_requests(number):
    row = report("ours", [replay(made, Ours(PRICE)) for made in invented(number)])
    assert float(row["merit"]) <= 0.65, row
    assert row["lost"] == "0.000%"


def test_the_table_has_a_line_for_every_rule():
    row = report("fixed", [replay(history(START + HOUR, START + 9 * HOUR), Fixed(60))])
    assert render([row, row], markdown=True).count("\n") == 3
