"""Which query parameters only track, and whose frames stay, while a document is read.

The site's lists are put in force for the reading at hand; without any the usual ones hold. They
are asked from deep inside, by the cleaner's own callbacks, so they are no arguments.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import lru_cache

from aggregator.model.markup import Markup

_USUAL = Markup()
_in_force: ContextVar[Markup] = ContextVar("markup", default=_USUAL)


def use_markup(markup: Markup) -> None:
    """Put these lists in force for what is read from now on in this thread or task."""
    _in_force.set(markup)


def is_tracking(name: str) -> bool:
    """Tell whether a query parameter of this name, in lower case, only follows readers around."""
    names, beginnings = _compiled(_in_force.get().tracking)
    return name in names or name.startswith(beginnings)


def is_player(host: str) -> bool:
    """Tell whether frames of this host, in lower case, may stay."""
    frames = _in_force.get().frames
    if host in frames:
        return True
    return any(each.startswith(".") and (host.endswith(each) or host == each[1:]) for each in frames)


@lru_cache(maxsize=8)
def _compiled(tracking: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    names = frozenset(name for name in tracking if not name.endswith("*"))
    return names, tuple(name[:-1] for name in tracking if name.endswith("*"))
