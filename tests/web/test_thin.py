"""The thin layer answers as Flask does, and only what it may."""

from __future__ import annotations

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from aggregator.publish.addresses import FORMATS
from aggregator.web.thin import ThinLayer
from tests.store.making import NOW, arrive, entry


def call(app, path, method="GET", **headers):
    builder = EnvironBuilder(
        path=path, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    body, status, answered = run_wsgi_app(app, builder.get_environ())
    return status[:3], sorted(answered.items()), b"".join(body)


def refuse(environ, start_response):
    raise AssertionError("Flask was asked")


@pytest.fixture
def thin(paper):
    """The layer with nothing behind it, after each format was asked for once."""
    for suffix in FORMATS:
        paper.get(f"/feeds/front-page.{suffix}")
    return ThinLayer(refuse, paper.desk)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "headers", [{}, {"Accept_Encoding": "gzip"}, {"Accept_Encoding": "br"}, {"If_None_Match": "*"}]
)
def test_it_answers_like_flask(paper, thin, suffix, method, headers):
    behind = paper.client.application
    address = f"/feeds/front-page.{suffix}"
    direct = call(ThinLayer(refuse, paper.desk), address, method, **headers)
    whole = call(behind.wsgi_app._app._app, address, method, **headers)
    assert direct == whole
    assert call(thin, address, method, **headers) == whole


def test_what_is_not_at_hand_goes_to_flask(paper, thin):
    for path, method in (
        ("/feeds/empty.atom", "GET"),
        ("/feeds/front-page", "GET"),
        ("/feeds/front-page.atom", "POST"),
        ("/feeds/front-page.atom?q=tide", "GET"),
        ("/", "GET"),
    ):
        with pytest.raises(AssertionError, match="Flask was asked"):
            call(thin, path, method)


def test_a_version_that_may_be_old_is_not_served(paper, thin):
    arrive(paper.engine, "harbour-herald", entry("n9", published=NOW), feeds=["front-page"])
    assert b"n9" not in call(thin, "/feeds/front-page.atom")[2]
    paper.forget()
    with pytest.raises(AssertionError, match="Flask was asked"):
        call(thin, "/feeds/front-page.atom")
    assert b"n9" in paper.get("/feeds/front-page.atom").data
    assert b"n9" in call(thin, "/feeds/front-page.atom")[2]
