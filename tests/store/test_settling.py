"""Changed rules meet stored articles in steps, between which others may write."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from aggregator import apply as applying
from aggregator.apply import settle
from aggregator.model import Configuration, Feed
from aggregator.store.engine import reading, writing
from aggregator.store.tables import applied
from tests.store.making import NOW, apply, arrive, entry, source

PAPER = source("Paper")


def test_others_write_between_the_steps_of_a_changed_rule(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(engine, Configuration(sources=(PAPER,)))
    arrive(engine, "paper", *(entry(f"e{n}") for n in range(60)))
    apply(engine, Configuration(sources=(PAPER,), feeds=(Feed(slug="all", title="All"),)))
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        with writing(engine) as connection:  # nothing is held while it rests
            connection.execute(applied.update().values(host="another"))

    monkeypatch.setattr(applying.time, "sleep", rest)
    monkeypatch.setattr(applying, "BATCH", 10)
    monkeypatch.setattr(applying, "MOST", 10)
    assert settle(engine, NOW) == 60
    assert len(rests) >= 6
    assert all(0 < seconds <= applying.REST_S for seconds in rests)
    with reading(engine) as connection:
        assert connection.scalar(select(applied.c.host)) == "another"
