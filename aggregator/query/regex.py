"""Patterns between slashes, by google-re2: linear time, bounded memory, never a group kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import re2

from aggregator.errors import QueryError

#: characters of one pattern
MAX_PATTERN = 200
#: bytes re2 may use for one compiled pattern; a larger one is refused
MAX_MEMORY = 1 << 20


def check_pattern(pattern: str) -> None:
    """Refuse what re2 cannot compile within its limits. Raises: QueryError."""
    if not pattern:
        raise QueryError("the pattern // is empty")
    if len(pattern) > MAX_PATTERN:
        raise QueryError(f"the pattern is longer than {MAX_PATTERN} characters")
    try:
        compile_pattern(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else "it cannot be read"
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise QueryError(f"the pattern /{pattern}/ cannot be used: {reason}") from None


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """Return the compiled pattern; letters match whatever their case. Raises: re2.error."""
    return re2.compile(pattern, _options(for_queries=True))


class PatternSet:
    """Many patterns looked for at once by the plain letters that each needs; several times faster."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(dict.fromkeys(patterns))
        self._filter = re2.Filter()
        for pattern in self._patterns:
            self._filter.Add(pattern, _options(for_queries=True))
        self._filter.Compile()

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def likely(self, text: str) -> list[str]:
        """Return every pattern that occurs in *text*, and some that do not."""
        if not self._patterns:
            return []
        return [self._patterns[index] for index in self._filter.Match(text, True) or ()]


def _options(*, for_queries: bool) -> Any:
    options = re2.Options()
    options.case_sensitive = not for_queries
    options.never_capture = for_queries
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    return options


def replace_all(text: str, pattern: str, replacement: str) -> str:
    r"""Return *text* with every match replaced; ``\1`` to ``\9`` are groups, ``\\`` a backslash.

    Other than in queries, capital and small letters are told apart ("(?i)" says otherwise).
    """
    # re2's own templates read non-ASCII letters as Latin-1, so the groups are filled in here
    return str(
        _compile_replacement(pattern).sub(
            lambda match: _GROUP.sub(lambda name: _group(match, name[1]), replacement), text
        )
    )


def check_replacement(pattern: str, replacement: str) -> None:
    """Refuse a pattern re2 cannot compile, and a group that it has not. Raises: QueryError."""
    check_pattern(pattern)
    highest = max((int(name[1]) for name in _GROUP.finditer(replacement) if name[1] != "\\"), default=0)
    groups = _compile_replacement(pattern).groups
    if highest > groups:
        raise QueryError(f"the replacement names group {highest}, the pattern /{pattern}/ has {groups}")


_GROUP = re.compile(r"\\([0-9\\])")


def _group(match: Any, name: str) -> str:
    return name if name == "\\" else str(match[int(name)] or "")


@lru_cache(maxsize=1024)
def _compile_replacement(pattern: str) -> Any:
    return re2.compile(pattern, _options(for_queries=False))
