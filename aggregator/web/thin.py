"""Two WSGI layers in front of Flask: one drops the site's path prefix, one answers for what is at hand.

A feed or a page that is rendered and current is answered without Flask, through the same function that
Flask's routes use; everything else goes on to Flask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from aggregator.model import Rendered
from aggregator.publish.addresses import KINDS, prefix
from aggregator.web.answers import FEED_TERMS, Terms, answer
from aggregator.web.desk import Desk
from aggregator.web.negotiation import PAGE, choose

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_FEED = re.compile(r"/(feeds|topics|sources|authors)/([\w-]{1,200})\.(atom|rss|json)\Z")
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
    """Answers GET and HEAD for feeds and pages that are rendered and current; hands on the rest."""

    def __init__(self, app: WSGIApplication, desk: Desk) -> None:
        self._app, self._desk = app, desk

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD") or environ.get("QUERY_STRING"):
            return self._app(environ, start_response)
        headers = EnvironHeaders(environ)
        found = self._find(environ["PATH_INFO"], headers)
        if found is None:
            return self._app(environ, start_response)
        made = answer(method, headers, *found)
        start_response(_STATUS[made.status], list(made.headers))
        return [made.body] if made.body else []

    def _find(self, path: str, headers: EnvironHeaders) -> tuple[Rendered, Terms] | None:
        asked = _FEED.match(path)
        if asked:
            rendered = self._desk.peek_rendered(KINDS[asked[1]], asked[2], asked[3])
            return (rendered, FEED_TERMS) if rendered else None
        found = self._desk.peek_page(path)
        if found and "Accept" in found[1].vary and choose(headers.get("Accept")) != PAGE:
            return None
        return found


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
        path = prefix(configuration.site) if configuration else ""
        # as WSGI servers spell paths (PEP 3333)
        return unquote_to_bytes(path).decode("latin-1")
