"""Files that belong to an entry: enclosures and pictures.

feedparser's raw entry flows in; enclosures without duplicates and one picture that stands for
the entry flow out. No file is ever asked for.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from aggregator.model import Enclosure
from aggregator.parse.links import absolute
from aggregator.parse.texts import plain

_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+$")
#: media types of pages and plain text
_READABLE = re.compile("text/|application/xhtml", re.IGNORECASE)
_EXTRA_TYPES = {
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".opus": "audio/ogg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".flac": "audio/flac",
    ".aac": "audio/aac",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".mp3": "audio/mpeg",
    ".m4v": "video/mp4",
    ".ogv": "video/ogg",
    ".mkv": "video/x-matroska",
    ".torrent": "application/x-bittorrent",
    ".epub": "application/epub+zip",
}
#: pixels; of pictures that are wider, the first is as good as any
_WIDE = 1200
#: entries with more files than this are albums gone wrong
MAX_ENCLOSURES = 200


def enclosures(entry: dict[str, Any], base: str) -> tuple[Enclosure, ...]:
    """Return the files of one entry: enclosure links first, then Media RSS, no URL twice."""
    found: dict[str, Enclosure] = {}
    podcast_seconds = seconds(entry.get("itunes_duration"))
    for link in entry.get("links", ()):
        if link.get("rel") == "enclosure":
            href = _original(link.get("href"), entry.get("feedburner_origenclosurelink"))
            made = enclosure(href, link, base, podcast_seconds)
            _keep(found, made)
    for text in entry.get("content", ()):
        # content that stands elsewhere (RFC 4287 §4.1.3.2) and is not for reading is a file
        if "src" in text and text.get("stated") and not _READABLE.match(text["type"]):
            _keep(found, enclosure(text["src"], text, base, podcast_seconds))
    for media in entry.get("media_content", ()):
        _keep(found, enclosure(media.get("url"), media, base))
    for peer in entry.get("peer_links", ()):
        _keep(found, enclosure(peer.get("href"), peer, base))
    for thumbnail in entry.get("media_thumbnail", ()):
        _keep(found, enclosure(thumbnail.get("url"), {"medium": "image"}, base))
    return tuple(found.values())


def _original(href: str | None, original: Any) -> str | None:
    """Return the file's own address where FeedBurner's counter stands before a file of that name."""
    if href and isinstance(original, str) and original.rpartition("/")[2] == href.rpartition("/")[2]:
        return original
    return href


def _keep(found: dict[str, Enclosure], made: Enclosure | None) -> None:
    if made is None or len(found) >= MAX_ENCLOSURES:
        return
    known = found.setdefault(made.url, made)
    if known != made:
        # the same file told twice: what the first telling left open comes from the second
        found[made.url] = Enclosure(
            url=known.url,
            type=known.type or made.type,
            length=known.length or made.length,
            title=known.title or made.title,
            duration_s=known.duration_s or made.duration_s,
        )


def enclosure(
    href: str | None, values: Mapping[str, Any], base: str, duration_s: int | None = None
) -> Enclosure | None:
    """Return one file as an element's attributes describe it; None without an address.

    Args:
        duration_s: of a recording that does not say its own.
    """
    url = absolute(href, base)
    if url is None:
        return None
    kind = media_type(values.get("type"), url, values.get("medium"))
    if kind and not kind.startswith(("audio/", "video/")):
        duration_s = None
    return Enclosure(
        url=url,
        type=kind,
        length=file_length(values.get("length") or values.get("filesize")),
        title=plain(values.get("title") or _words_for(kind, values)) or None,
        duration_s=seconds(values.get("duration")) or duration_s,
    )


def _words_for(kind: str | None, values: Mapping[str, Any]) -> str | None:
    """Return the words that stand for a picture; descriptions of recordings are texts of their own."""
    return values.get("description") if kind and kind.startswith("image/") else None


def media_type(stated: str | None, url: str, medium: str | None = None) -> str | None:
    """Return the stated media type in lower case, else one guessed from the address, else None."""
    kind = (stated or "").split(";")[0].strip().lower()
    if _TYPE.match(kind):
        return kind
    path = urlsplit(url).path.lower()
    dot = path.rfind(".")
    suffix = path[dot:] if dot > path.rfind("/") else ""
    guess = _EXTRA_TYPES.get(suffix) or mimetypes.types_map.get(suffix)
    if guess:
        return guess
    return {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4"}.get(medium or "")


def file_length(text: str | int | None) -> int | None:
    """Return a length in bytes; None for nothing, zero, negatives and nonsense."""
    digits = re.sub(r"[,.\s]", "", str(text or ""))
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        return None
    return int(digits) or None


def seconds(text: str | float | None) -> int | None:
    """Return a duration in seconds from ``3600``, ``60:00``, ``1:00:00``, ``PT1H``; None if unclear."""
    if not text:
        return None
    raw = str(text).strip()
    if match := re.match(r"P(?:T)?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?$", raw, re.IGNORECASE):
        parts = [int(part or 0) for part in match.groups()]
    elif re.match(r"\d{1,9}(?::\d{1,9}){0,2}(?:\.\d+)?$", raw):
        parts = [int(part) for part in raw.split(".")[0].split(":")]
    else:
        return None
    total = 0
    for part in parts:
        total = total * 60 + part
    return total if 0 < total < 10_000_000 else None


def picture(entry: dict[str, Any], base: str, files: Iterable[Enclosure]) -> str | None:
    """Return the picture that stands for the entry: artwork, its widest thumbnail, else its widest image."""
    image = entry.get("image")
    candidates = [image.get("href") if isinstance(image, dict) else image]
    thumbnails = entry.get("media_thumbnail", ())
    widest = sorted(thumbnails, key=lambda thumbnail: _width(thumbnail.get("width")), reverse=True)
    candidates += [thumbnail.get("url") for thumbnail in widest]
    for candidate in candidates:
        url = absolute(candidate, base) if isinstance(candidate, str) else None
        if url:
            return url
    pictures = [file.url for file in files if (file.type or "").startswith("image/")]
    if len(pictures) < 2:
        return pictures[0] if pictures else None
    widths = {
        absolute(media.get("url"), base): media.get("width") for media in entry.get("media_content", ())
    }
    return max(pictures, key=lambda url: _width(widths.get(url)), default=None)


def _width(stated: Any) -> int:
    """Return how wide a picture is, so far as a page has a use for it."""
    digits = str(stated or "").strip()
    return min(int(digits), _WIDE) if digits.isdecimal() and len(digits) < 6 else 0


def image_credit(entry: dict[str, Any]) -> str | None:
    """Return who made the entry's pictures, as the first media:credit says."""
    for credit in entry.get("media_credit", ()):
        if name := plain(credit.get("content")):
            return name
    return None


def point(entry: dict[str, Any]) -> str | None:
    """Return latitude and longitude of georss:point, gml:Point or geo:lat and geo:long; None without."""
    where = entry.get("where")
    if where and where.get("type") == "Point":
        east, north = where["coordinates"][:2]
    elif "geo_lat" in entry:
        north, east = entry.get("geo_lat"), entry.get("geo_long")
    else:
        return None
    try:
        north, east = float(north), float(east)
    except (TypeError, ValueError):
        return None
    return f"{north:.9g} {east:.9g}" if abs(north) <= 90 and abs(east) <= 180 else None
