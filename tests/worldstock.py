"""The stock of the demo world: in flow the Markdown files of tests/data/world, out flow Paper values.

One file is one paper: YAML front matter (the paper and its feed documents), then its items, each opened
by a line ``=== item-id``, a few ``key: value`` lines, a blank line and the text. docs/demo.md explains
every key. This module never looks at a clock: all times are seconds from the start of the world.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import escape, unescape
from pathlib import Path
from typing import Any

import yaml

from tests.worldseries import Series

STOCK = Path(__file__).parent / "data" / "world"

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"([+-]?)((?:\d+[dhms])+)")
_TEMPLATE = re.compile(r"\{\{(base|[+-](?:\d+[dhms])+ [^}]*)\}\}")
_TAG = re.compile(r"<[^>]*>")
_ITEM_KEYS = frozenset(
    [
        *("title", "at", "after", "by", "section", "categories", "image", "audio", "summary"),
        *("lang", "date", "guid", "link", "revises", "season", "episode"),
    ]
)


class StockError(Exception):
    """A file of the world cannot be read; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One record of a paper, as its editor wrote it."""

    id: str
    title: str
    #: seconds from the start of the world; negative: already published when the world starts
    at_s: float
    section: str = "news"
    author: str = ""
    categories: tuple[str, ...] = ()
    #: HTML, templates not yet filled in
    body: str = ""
    #: plain text; empty: the first paragraph of the body
    summary: str = ""
    #: name of a generated picture; empty if none
    image: str = ""
    #: seconds of sound; 0 if none
    audio_s: int = 0
    #: BCP 47 tag; empty: the paper's
    language: str = ""
    #: the date as literally printed; None: written properly; "none": left out
    raw_date: str | None = None
    #: the guid as literally printed; None: the paper's own form; "none": left out
    raw_guid: str | None = None
    #: the link as literally printed; None: the article's page; "none": left out
    raw_link: str | None = None
    #: id of the item whose text this one replaces; empty for a new item
    revises: str = ""
    season: int | None = None
    episode: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSpec:
    """One feed document of a paper."""

    #: path at the origin, with the leading slash
    path: str
    #: rss091 rss092 rss10 rss20 podcast atom03 atom10 json1 json11
    format: str
    title: str
    #: empty: all of them
    sections: tuple[str, ...] = ()
    limit: int = 40
    #: False: only summaries
    is_full: bool = True
    encoding: str = "utf-8"
    #: "both", "etag", "weak", "last-modified" or "none"
    validators: str = "both"
    #: value of Cache-Control; empty: not sent
    cache: str = ""
    #: extra elements of the channel by name: ttl, skipHours, skipDays
    hints: Mapping[str, Any] = field(default_factory=dict)
    #: seconds the origin waits before it answers
    delay_s: float = 0.0
    #: BCP 47 tag; empty: the paper's
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper, blog or podcast with everything it will ever print."""

    slug: str
    title: str
    tagline: str
    language: str = "en-GB"
    rights: str = ""
    editor: str = ""
    #: "number", "tag" or "url": how it makes its entry ids
    ids: str = "url"
    #: "wav" (a tune) or "mp3" (silence)
    sound: str = "wav"
    #: "curly": its typesetter turns straight quotation marks; "straight": it has none
    quotes: str = "curly"
    documents: tuple[DocumentSpec, ...] = ()
    #: other addresses: path -> {"status": 301, "to": …} or {"status": 410}
    oddities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    series: tuple[Series, ...] = ()


def load_papers(folder: Path = STOCK) -> tuple[Paper, ...]:
    """Return every paper of *folder*, sorted by file name; StockError when one is malformed."""
    return tuple(_load_paper(path) for path in sorted(folder.glob("*.md")))


def seconds(text: str) -> float:
    """Return ``-2d3h`` as seconds; a bare number is seconds already."""
    text = text.strip()
    found = _SPAN.fullmatch(text)
    if not found:
        return float(text)
    total = sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", found[2]))
    return -total if found[1] == "-" else total


def fill_in(text: str, *, start: datetime, base_url: str) -> str:
    """Return *text* with ``{{base}}`` and ``{{-2d %A}}`` (relative to *start*) replaced."""

    def value(found: re.Match[str]) -> str:
        if found[1] == "base":
            return base_url
        span, _, form = found[1].partition(" ")
        return (start + timedelta(seconds=seconds(span))).strftime(form)

    return _TEMPLATE.sub(value, text)


def plain(html: str) -> str:
    """Return the text of *html* on one line."""
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def to_html(text: str) -> str:
    """Return the light Markdown of the stock as HTML; blocks that begin with ``<`` stay as they are."""
    return "\n".join(
        _block(block.strip("\n")) for block in re.split(r"\n\s*\n", text.strip()) if block.strip()
    )


def _block(block: str) -> str:
    if block.startswith("<"):
        return block
    if found := re.match(r"(#{2,4}) (.*)", block):
        level = len(found[1])
        return f"<h{level}>{_inline(found[2])}</h{level}>"
    lines = block.split("\n")
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{_inline(line[2:])}</li>" for line in lines) + "</ul>"
    if all(line.startswith(">") for line in lines):
        return "<blockquote><p>" + _inline(" ".join(line[1:].strip() for line in lines)) + "</p></blockquote>"
    return "<p>" + _inline(" ".join(lines)) + "</p>"


def _inline(text: str) -> str:
    text = re.sub(r"&(?!#?\w+;)", "&amp;", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"(?<!\w)\*(.+?)\*(?!\w)", r"<em>\1</em>", text)


def _load_paper(path: Path) -> Paper:
    parts = path.read_text(encoding="utf-8").split("\n---\n", 1)
    if len(parts) != 2 or not parts[0].startswith("---\n"):
        raise StockError(f"{path.name}: begins with no front matter between two --- lines")
    front: dict[str, Any] = yaml.safe_load(parts[0][4:])
    documents = front.pop("documents")
    series = front.pop("series", {})
    slug = path.stem
    return Paper(
        slug=slug,
        **front,
        documents=tuple(_document(slug, name, spec, front["title"]) for name, spec in documents.items()),
        items=tuple(
            _set_quotes(_item(path.name, text), front.get("quotes", "curly"))
            for text in re.split(r"^=== ", parts[1], flags=re.MULTILINE)[1:]
        ),
        series=tuple(
            Series(name=n, **{**spec, "titles": tuple(spec["titles"]), "texts": tuple(spec["texts"])})
            for n, spec in series.items()
        ),
    )


def _document(slug: str, name: str, spec: dict[str, Any], title: str) -> DocumentSpec:
    spec = dict(spec)
    sections = tuple(spec.pop("sections", ()))
    return DocumentSpec(path=f"/{slug}/{name}", title=spec.pop("title", title), sections=sections, **spec)


def _item(file: str, text: str) -> Item:
    head, _, body = text.partition("\n\n")
    name, *lines = head.strip().split("\n")
    keys = dict((part.strip() for part in line.split(":", 1)) for line in lines)
    if unknown := keys.keys() - _ITEM_KEYS:
        raise StockError(f"{file}: item {name}: unknown {', '.join(sorted(unknown))}")
    if "at" not in keys and "after" not in keys:
        raise StockError(f"{file}: item {name}: neither at nor after")
    return Item(
        id=name.strip(),
        title=keys.get("title", ""),
        at_s=seconds(keys["at"]) if "at" in keys else abs(seconds(keys["after"])),
        section=keys.get("section", "news"),
        author=keys.get("by", ""),
        categories=tuple(c.strip() for c in keys.get("categories", "").split(",") if c.strip()),
        body=to_html(body),
        summary=keys.get("summary", ""),
        image=keys.get("image", ""),
        audio_s=int(keys.get("audio", 0)),
        language=keys.get("lang", ""),
        raw_date=keys.get("date"),
        raw_guid=keys.get("guid"),
        raw_link=keys.get("link"),
        revises=keys.get("revises", ""),
        season=int(keys["season"]) if "season" in keys else None,
        episode=int(keys["episode"]) if "episode" in keys else None,
    )


def _set_quotes(item: Item, quotes: str) -> Item:
    if quotes == "straight":
        return item
    return replace(item, title=curled(item.title), body=curled(item.body), summary=curled(item.summary))


def curled(text: str) -> str:
    """Return *text* with its straight quotation marks turned as printers do; tags stay as they are."""
    out: list[str] = []
    before = " "
    for part in re.split(r"(<[^>]*>)", text):
        if part.startswith("<"):
            out.append(part)
            before = " " if part.startswith(("<p", "<h", "<li")) else before
            continue
        for sign in part:
            opens = before in " \n([\u2014"
            out.append({'"': "“" if opens else "”", "'": "‘" if opens else "’"}.get(sign, sign))
            before = sign
    return "".join(out)


def attribute(text: str) -> str:
    """Return *text* escaped for XML text and attributes."""
    return escape(text, quote=True)
