"""How the sources fare, for people and, as JSON, for programs."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from flask import Blueprint, Response, request

from aggregator.pipeline.status import lateness_in, report_as_json, told_pages
from aggregator.publish.addresses import public_url
from aggregator.publish.headlines import moment
from aggregator.publish.pages import subscriptions
from aggregator.publish.render import document
from aggregator.schedule.rhythm import load_rhythm
from aggregator.store.problems import list_open
from aggregator.store.sources.states import list_states
from aggregator.web.answers import JSON_TERMS
from aggregator.web.current import desk, show
from aggregator.web.pages import TERMS, page

status = Blueprint("status", __name__)
#: sources on one page, and problems that it tells
PIECE, PROBLEMS = 1000, 200
#: sources and problems in one answer for machines
MANY = 10_000


@status.get("/status")
def sources() -> Response:
    """Answer with a line for each source: its state, and why it is asked again when it is."""
    site, now, number = desk().site, datetime.now(UTC), _asked_page()
    pulse = desk().pulse(now)
    overview = pulse.overview
    # those in trouble first: whoever opens this page looks for them
    listed = desk().read(list_states, skip=(number - 1) * PIECE, limit=PIECE)
    states = [
        (
            state,
            moment(state.last_success, site) if state.last_success else None,
            moment(state.next_poll, site) if state.next_poll else None,
            load_rhythm(state.rhythm),
        )
        for state in sorted(listed, key=lambda state: state.state == "ok")
    ]
    known = desk().read(list_open, PROBLEMS)
    problems = [(problem, moment(problem.opened_at, site)) for problem in known]
    head = desk().find_head("feed", "problems")
    shown = page(
        "status.html",
        states=states,
        problems=problems,
        counts=overview.counts,
        lateness=lateness_in(overview),
        pushes=pulse.pushes,
        following=number + 1 if overview.rows > number * PIECE else None,
        told_pages=told_pages,
        now=now,
        autodiscovery=subscriptions(site, head) if head else (),
    )
    return show(shown, TERMS)


@status.get("/status.json")
def report() -> Response:
    """Answer with the same for machines; ``next`` leads to the sources that do not fit."""
    now, number = datetime.now(UTC), _asked_page()
    pulse = desk().pulse(now)
    states = desk().read(list_states, skip=(number - 1) * MANY, limit=MANY)
    following = public_url(desk().site, f"/status.json?page={number + 1}")
    told = report_as_json(
        pulse.overview,
        states,
        desk().read(list_open, MANY),
        pulse.pushes,
        now,
        following if pulse.overview.rows > number * MANY else None,
    )
    body = orjson.dumps(told)
    return show(document(body, "application/json"), JSON_TERMS)


def _asked_page() -> int:
    """Return the number of the page that is asked for; the first where it is no number of a page."""
    text = request.args.get("page", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1
