"""Names flow in; what is remembered, or asked, of them flows out: one look-up tells whether they meet.

A short name meets all that begin alike, a long one only itself: "China" and "Chinese" are one,
"Marina" and "Maritz" are two.
"""

from __future__ import annotations

from collections.abc import Collection

from aggregator.query.sketch import NAME_STEM, STEM


def remembered_names(names: Collection[str]) -> set[str]:
    """Return what a story keeps of its names."""
    long = {name if len(name) >= NAME_STEM else f"{name[:STEM]}-" for name in names}
    return long.union([name[:STEM] for name in names])


def asked_names(names: Collection[str]) -> set[str]:
    """Return what an article's names look for: one of it is remembered where a name stands in both."""
    asked = {name[:STEM] if len(name) < NAME_STEM else f"{name[:STEM]}-" for name in names}
    return asked.union([name for name in names if len(name) >= NAME_STEM])
