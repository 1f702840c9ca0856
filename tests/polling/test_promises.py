"""The tables of promises in the documentation name tests that exist."""

from __future__ import annotations

import re

import pytest

from tests.running import ROOT

TEXT = (ROOT / "docs" / "promises.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)))


def test_the_tables_name_tests() -> None:
    assert len(NAMED) > 60


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_named_test_exists(path: str, name: str) -> None:
    source = (ROOT / path).read_text("utf-8")
    assert not name or f"def {name}(" in source
