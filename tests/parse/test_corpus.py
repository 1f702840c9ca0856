"""Other projects' feeds: read as they expect, or differing for a written reason; never an error."""

from __future__ import annotations

import re

import pytest

from aggregator.errors import ParseError
from aggregator.parse.document import parse_document
from benchmarks.corpus import mutated
from benchmarks.deviations import DEVIATIONS, reason_for
from benchmarks.expectations import load_expected, load_files
from benchmarks.verdicts import judge
from tests.corpus import CORPUS, needs_corpus
from tests.running import ROOT

SEED = 20260303


@pytest.mark.corpus
@needs_corpus
def test_every_disagreement_with_an_expected_value_has_a_reason() -> None:
    verdicts = [(expected, *verdict) for expected in load_expected(CORPUS) for verdict in judge(expected)]
    missed = [
        (expected.file, field, value, ours)
        for expected, field, value, ours, is_equal in verdicts
        if not is_equal and reason_for(expected.origin, expected.file, field) is None
    ]
    assert missed == []
    assert len(verdicts) > 8000


@pytest.mark.corpus
@needs_corpus
def test_every_file_is_read_or_refused() -> None:
    refused = []
    for path in load_files(CORPUS):
        try:
            parse_document(path.read_bytes(), url="https://test.example/feed", headers={})
        except ParseError:
            refused.append(path.name)
    assert sorted(refused) == ["rss_empty_document.xml", "unrecognized.rss"]


@pytest.mark.corpus
@needs_corpus
def test_mutated_files_are_read_or_refused() -> None:
    for _, body in mutated(CORPUS, 1500, SEED):
        assert slip(body) is None


def slip(body: bytes) -> BaseException | None:
    """Return the unforeseen error behind a refusal; None where the reason was foreseen."""
    try:
        parse_document(body, url="https://test.example/feed", headers={})
    except ParseError as error:
        return None if "not valid JSON" in str(error) else error.__cause__
    return None


def test_every_deviation_is_explained_to_people() -> None:
    text = re.sub(r"\s+", " ", (ROOT / "docs" / "reading.md").read_text(encoding="utf-8"))
    for _, _, _, reason in DEVIATIONS:
        assert reason in text
