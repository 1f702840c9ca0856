"""Patterns between slashes, by google-re2: linear time, bounded memory, never a group kept."""

from __future__ import annotations

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
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    return re2.compile(pattern, options)
