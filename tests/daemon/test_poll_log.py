"""How loud a finished poll is in the log: what happened is said, what did not is not."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from aggregator.daemon.journal import log_poll
from aggregator.model import (
    Claim,
    Entry,
    Failed,
    FailureKind,
    FeedInfo,
    Fetched,
    Gone,
    NotModified,
    Outcome,
    ParsedFeed,
    Source,
    Validators,
)
from aggregator.pipeline.decision import Polled

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLAIM = Claim(
    source_id=1,
    slug="paper",
    source=Source(url="https://paper.example/feed"),
    token="t",
    until=NOW,
    url="https://paper.example/feed",
)
PARSED = ParsedFeed(format="rss20", info=FeedInfo(), entries=(Entry(key="a"), Entry(key="b")))
FETCHED = Fetched(url=CLAIM.url, status=200, headers={}, body=b"", validators=Validators())
POLLS: dict[str, tuple[Outcome, ParsedFeed | None, int, int, str]] = {
    "not modified": (NotModified(validators=Validators()), None, 0, logging.DEBUG, "outcome=notmodified"),
    "nothing new": (FETCHED, PARSED, 0, logging.DEBUG, "entries=2 new=0"),
    "something new": (FETCHED, PARSED, 1, logging.INFO, "entries=2 new=1"),
    "gone": (Gone(), None, 0, logging.WARNING, "outcome=gone"),
    "failed": (
        Failed(kind=FailureKind.DNS, reason="no such host\nfake=line"),
        None,
        0,
        logging.WARNING,
        r"kind=dns reason='no such host\nfake=line'",
    ),
    "our own network": (Failed(kind=FailureKind.OFFLINE, reason="down"), None, 0, logging.DEBUG, "offline"),
}


@pytest.mark.parametrize("case", POLLS)
def test_a_poll_is_as_loud_as_what_happened(case: str, caplog: pytest.LogCaptureFixture) -> None:
    outcome, parsed, new, level, said = POLLS[case]
    caplog.set_level(logging.DEBUG)
    log_poll(Polled(CLAIM, NOW, outcome, parsed), new)
    (record,) = caplog.records
    assert record.levelno == level
    assert "source=paper" in record.getMessage()
    assert said in record.getMessage()
    assert "\n" not in record.getMessage()
