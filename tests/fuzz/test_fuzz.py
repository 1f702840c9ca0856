"""A few hundred of the inputs that `make fuzz` makes by the million; hypothesis picks the seeds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.feeding import TARGETS, feed_one


@pytest.mark.parametrize("name", TARGETS)
@given(seed=st.integers(1, 10**9))
@settings(max_examples=20)
def test_whatever_comes_is_read_or_refused(name: str, seed: int) -> None:
    for number in range(5):
        feed_one(name, seed, number)


@pytest.mark.parametrize("name", TARGETS)
def test_some_of_what_is_tried_is_taken_in(name: str) -> None:
    """Inputs that are all refused would try nothing."""
    assert sum(feed_one(name, 1, number) for number in range(200)) >= 1
