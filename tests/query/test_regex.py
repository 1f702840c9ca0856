"""Patterns: what is refused, and replacements."""

from __future__ import annotations

import pytest

from aggregator.errors import QueryError
from aggregator.query.regex import check_replacement, replace_all


def test_groups_and_letters_of_any_language_are_filled_in() -> None:
    assert replace_all("ab cab", r"(a)(b)", r"\2é\1\\") == "béa\\ cbéa\\"
    assert replace_all("ab", r"a(x)?", r"[\1]") == "[]b"


def test_replacement_tells_capitals_apart_unless_told_otherwise() -> None:
    assert replace_all("Live live", "live", "x") == "Live x"
    assert replace_all("Live live", "(?i)live", "x") == "x x"


@pytest.mark.parametrize(("pattern", "replacement"), [("(a)", r"\2"), ("(a", ""), ("", ""), (r"a(?!b)", "")])
def test_replacement_that_cannot_work_is_refused(pattern: str, replacement: str) -> None:
    with pytest.raises(QueryError):
        check_replacement(pattern, replacement)


def test_replacement_that_works_is_accepted() -> None:
    check_replacement("(a)(b)", r"\2 \\9")
