"""An engine in, a Flask app out: pages, feeds, lists, the status of the sources, the editors' page."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, has_request_context, request
from werkzeug.routing import BaseConverter, Map

from aggregator.model import Configuration
from aggregator.publish.addresses import article_path, page_path, prefix
from aggregator.publish.headlines import direction_of
from aggregator.store.engine import Engine
from aggregator.web import errors
from aggregator.web.about import about
from aggregator.web.admin import EDITORS, Editors, admin
from aggregator.web.answers import CORS, PREFLIGHT, SECURITY
from aggregator.web.articles import articles
from aggregator.web.crawlers import crawlers
from aggregator.web.current import DESK
from aggregator.web.desk import Desk
from aggregator.web.editions import editions
from aggregator.web.feeds import feeds
from aggregator.web.fragments import each
from aggregator.web.health import health
from aggregator.web.hub import hub
from aggregator.web.metrics import count_request, metrics
from aggregator.web.newsletters import newsletters
from aggregator.web.pages import POLICY, edition_date, pages
from aggregator.web.patience import BodyLayer
from aggregator.web.searching import searching
from aggregator.web.static import files
from aggregator.web.status import status
from aggregator.web.stories import story_pages
from aggregator.web.theme import ThemeLoader
from aggregator.web.thin import PrefixLayer, ThinLayer

#: nobody has anything to send us
MAX_BODY_BYTES = 16_384
#: every route of the site
BLUEPRINTS = (
    *(feeds, pages, articles, searching, editions, newsletters, status, about, crawlers, files),
    *(health, metrics, hub, admin, story_pages),
)
#: those with documents that scripts of other sites may read, and be told that there is none
OPEN_TO_SCRIPTS = frozenset(one.name for one in (feeds, articles, searching, status))


class Slug(BaseConverter):
    """The handle of a feed."""

    regex = r"[\w-]{1,200}"


class Number(BaseConverter):
    """A number in a path, written in the one way that our links do, and no longer than databases keep it."""

    def __init__(self, url_map: Map, digits: int = 18) -> None:
        super().__init__(url_map)
        self.regex = rf"[1-9][0-9]{{0,{digits - 1}}}"

    def to_python(self, value: str) -> int:
        """Return what stands in the path."""
        return int(value)


def create_app(
    engine: Engine, *, settings: Configuration | None = None, admin_token: str | None = None
) -> Flask:
    """Return the web application reading from *engine*.

    Args:
        settings: the configuration to use while none was ever applied to the store; None: an empty one.
        admin_token: opens the editors' page; None: there is none.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters.update(slug=Slug, number=Number)
    desk = Desk(engine, settings)
    app.extensions[DESK] = desk
    app.jinja_loader = ThemeLoader(desk)
    app.config["TEMPLATES_AUTO_RELOAD"] = True
    app.add_template_filter(each)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if admin_token:
        app.extensions[EDITORS] = Editors(engine, admin_token)
    errors.install(app)
    app.after_request(_secure)
    app.after_request(count_request)
    app.context_processor(lambda: {**_shared(desk), "is_static": app.config.get("EXPORT", False)})
    app.wsgi_app = PrefixLayer(ThinLayer(BodyLayer(app.wsgi_app), desk), desk)  # type: ignore[method-assign]
    return app


def _secure(response: Response) -> Response:
    """Put on every answer what browsers need to distrust it; answers that said so already keep theirs."""
    for name, value in (*SECURITY, ("Content-Security-Policy", POLICY)):
        response.headers.setdefault(name, value)
    if request.blueprint in OPEN_TO_SCRIPTS:
        if request.method == "OPTIONS":
            response.headers.update(PREFLIGHT)
        elif response.status_code >= 400:
            response.headers.update(CORS)
    return response


def _shared(desk: Desk) -> dict[str, Any]:
    """Return what every template may use."""
    site = desk.site
    base = prefix(site)
    return {
        "site": site,
        "direction": direction_of(site.language),
        "path": lambda to: base + to,
        "page_path": page_path,
        "article_path": article_path,
        "topics": desk.configuration.topics,
        "newsletters": [one for one in desk.configuration.newsletters if one.is_open],
        "edition": edition_date,
        "here": request.path if has_request_context() else "",
    }
