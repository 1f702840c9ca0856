"""The few files of our own that pages need, read once and answered from memory like everything else.

A theme's files stand in for ours of the same name, and may be more.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort

from aggregator.model import Rendered
from aggregator.publish.render import document
from aggregator.web.answers import Terms
from aggregator.web.current import desk, show

files = Blueprint("files", __name__)
FOLDER = Path(__file__).with_name("static")
MEDIA_TYPES = {
    ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
    ".webp": "image/webp", ".woff2": "font/woff2",
}  # fmt: skip
#: a theme's largest file
MAX_BYTES = 5_000_000
_TERMS = Terms(max_age_s=3600, is_shared=False)


# browsers ask for the icons unasked
@files.get("/favicon.ico", endpoint="icon", defaults={"name": "favicon.ico"})
@files.get("/apple-touch-icon.png", endpoint="touch_icon", defaults={"name": "apple-touch-icon.png"})
@files.get("/static/<name>")
def file(name: str) -> Response:
    """Answer with a file of the theme, else of ours."""
    theme = desk().site.theme
    for folder in (*([Path(theme) / "static"] if theme else []), FOLDER):
        found = _find(folder, name)
        if found is not None:
            return show(found, _TERMS)
    return abort(404)


def names(theme: str | None) -> tuple[str, ...]:
    """Return the names of all files that can be asked for."""
    folders = (*([Path(theme) / "static"] if theme else []), FOLDER)
    found = {path.name for folder in folders if folder.is_dir() for path in folder.iterdir()}
    return tuple(sorted(name for name in found if Path(name).suffix in MEDIA_TYPES))


def _find(folder: Path, name: str) -> Rendered | None:
    path = folder / name
    if path.suffix not in MEDIA_TYPES or path.parent != folder:
        return None
    try:
        about = path.stat()
    except (OSError, ValueError):
        return None
    if not path.is_file() or about.st_size > MAX_BYTES:
        return None
    return _load(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=64)
def _load(path: Path, _changed_ns: int, _size: int) -> Rendered:
    return document(path.read_bytes(), MEDIA_TYPES[path.suffix])
