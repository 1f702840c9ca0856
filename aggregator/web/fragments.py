"""HTML of single values: values and the macro that shows one in, their Markup out.

A headline stands on many pages and comes again with each edition, and most of what a page costs is
escaping. So what a macro made of a value is remembered, by the value itself: equal values look equal.
Only macros that see nothing but what they are given may be used (as those of ``parts.html``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache

from markupsafe import Markup

#: fragments kept in a process; half a kilobyte each, as a rule
KEPT = 4096


def each(values: Iterable[Hashable], macro: Callable[..., str], *more: Hashable) -> Markup:
    """Return what *macro* makes of each of the values, one after the other; *more* is handed on to it."""
    return Markup("".join([_shown(macro, value, more) for value in values]))


@lru_cache(maxsize=KEPT)
def _shown(macro: Callable[..., str], value: Hashable, more: tuple[Hashable, ...]) -> str:
    return str(macro(value, *more))
