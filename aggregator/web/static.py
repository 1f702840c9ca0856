"""The few files of our own that pages need, read once and answered from memory like everything else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request

from aggregator.model import Rendered
from aggregator.web.answers import Terms, answer
from aggregator.web.current import respond
from aggregator.web.documents import document

files = Blueprint("files", __name__)
FOLDER = Path(__file__).with_name("static")
_MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}
_TERMS = Terms(max_age_s=3600, is_shared=False)


@files.get("/static/<name>")
def file(name: str) -> Response:
    """Answer with one of the files there were when this process started."""
    found = _load().get(name)
    if found is None:
        abort(404)
    return respond(answer(request.method, request.headers, found, _TERMS))


@cache
def _load() -> dict[str, Rendered]:
    return {
        path.name: document(path.read_bytes(), _MEDIA_TYPES[path.suffix])
        for path in sorted(FOLDER.iterdir())
        if path.suffix in _MEDIA_TYPES
    }
