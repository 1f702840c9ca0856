"""The table of promises in the documentation names tests that exist."""

from __future__ import annotations

import re

import pytest

from tests.running import ROOT

TEXT = (ROOT / "docs/reference/polling.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)))


def test_the_table_names_tests() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_named_test_exists(path: str, name: str) -> None:
    source = (ROOT / path).read_text("utf-8")
    assert not name or f"def {name}(" in source
