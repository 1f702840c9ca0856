"""A hostile source and what must become of it; the list of all of them.

A case is asked by a real daemon, round after round. ``kinds`` names the classes of failure of which
``status`` must show one, or that it may be taken in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.hostile.server import Play

OK = "ok"


@dataclass(frozen=True)
class Case:
    """One hostile source."""

    name: str
    play: Play
    kinds: frozenset[str]
    #: asked with another scheme than the origin speaks
    scheme: str = "http"
    #: the play begins before there is a request
    greets: bool = False


def kinds(*names: str) -> frozenset[str]:
    """Classes of failure, or "ok"."""
    return frozenset(names)


def unlike(cases: Iterator[Case]) -> tuple[Case, ...]:
    """Return the cases; no two have one name."""
    listed = tuple(cases)
    names = [case.name for case in listed]
    assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
    return listed
