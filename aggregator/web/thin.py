"""Two WSGI layers in front of Flask: one drops the site's path prefix, one answers for feeds at hand.

A feed that is rendered and current is answered without Flask, through the same function that
Flask's routes use; everything else goes on to Flask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from aggregator.model import FeedKind
from aggregator.publish.addresses import PLACES, prefix
from aggregator.web.answers import answer
from aggregator.web.desk import Desk

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_FEED = re.compile(r"/(feeds|topics|sources)/([\w-]{1,200})\.(atom|rss|json)\Z")
_KINDS: dict[str, FeedKind] = {place: kind for kind, place in PLACES.items()}
_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class EnvironHeaders:
    """Request headers as a WSGI server hands them over."""

    __slots__ = ("_environ",)

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ

    def get(self, name: str, /) -> str | None:
        """Return the header's value, None if it was not sent."""
        value: str | None = self._environ.get("HTTP_" + name.upper().replace("-", "_"))
        return value


class ThinLayer:
    """Answers GET and HEAD for feeds that are rendered and current; hands on the rest."""

    def __init__(self, app: WSGIApplication, desk: Desk) -> None:
        self._app, self._desk = app, desk

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD") or environ.get("QUERY_STRING"):
            return self._app(environ, start_response)
        asked = _FEED.match(environ["PATH_INFO"])
        rendered = self._desk.peek_rendered(_KINDS[asked[1]], asked[2], asked[3]) if asked else None
        if rendered is None:
            return self._app(environ, start_response)
        made = answer(method, EnvironHeaders(environ), rendered)
        start_response(_STATUS[made.status], list(made.headers))
        return [made.body] if made.body else []


class PrefixLayer:
    """Serves a site that lives under a path, whether or not the proxy in front keeps the path."""

    def __init__(self, app: WSGIApplication, desk: Desk) -> None:
        self._app, self._desk = app, desk

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        base, path = self._base(), environ["PATH_INFO"]
        if base and (path == base or path.startswith(base + "/")):
            environ["PATH_INFO"] = path[len(base) :] or "/"
        return self._app(environ, start_response)

    def _base(self) -> str:
        configuration = self._desk.find_configuration()
        return prefix(configuration.site) if configuration else ""
