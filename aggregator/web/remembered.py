"""Pages kept in memory: made again when anything published has changed, or after a minute.

A view that returns what a page is made of goes in, a view that answers comes out. Only addresses
without a question are kept; what people search for is never the same for long.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request

from aggregator.model import Rendered
from aggregator.web.answers import Terms
from aggregator.web.current import desk, show

P = ParamSpec("P")


def remembered(terms: Terms) -> Callable[[Callable[P, Rendered]], Callable[P, Response]]:
    """Return a decorator that answers with the page of a view under *terms*, from memory if it can."""

    def decorate(view: Callable[P, Rendered]) -> Callable[P, Response]:
        @wraps(view)
        def answering(*args: P.args, **kwargs: P.kwargs) -> Response:
            if request.query_string:
                shown = view(*args, **kwargs)
            else:
                shown = desk().find_page(request.path, terms, lambda: view(*args, **kwargs))
            return show(shown, terms)

        return answering

    return decorate
