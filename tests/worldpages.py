"""The HTML pages of the demo world: in flow papers and records, out flow whole pages as text.

They are what a reader finds behind a link: an index of the world, a home page per paper with its feeds
announced in the head, a page per article.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tests.worldformats import MEDIA_TYPES
from tests.worldsheet import Record
from tests.worldstock import Paper

if TYPE_CHECKING:
    from tests.world import World

_STYLE = (
    "body{font:18px/1.6 Georgia,serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "h1,h2{line-height:1.2}img{max-width:100%;height:auto}a{color:#134}"
    "header,footer,small{font:14px/1.5 sans-serif;color:#666}"
)


def _page(title: str, language: str, body: str, head: str = "") -> str:
    direction = ' dir="rtl"' if language[:2] in ("ar", "he") else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"{direction}>\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n{head}</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def index_page(world: World) -> str:
    """Return the list of all papers and their documents."""
    parts = ["<h1>The demo world</h1><p>Invented papers, served on this machine alone.</p>"]
    for paper in world.papers.values():
        parts.append(
            f'<h2><a href="/{paper.slug}/">{escape(paper.title)}</a></h2><p>{escape(paper.tagline)}</p><ul>'
        )
        parts += [f'<li><a href="{s.path}">{s.path}</a> {s.format}</li>' for s in paper.documents]
        parts += [f"<li>/{paper.slug}/{name} {odd['status']}</li>" for name, odd in paper.oddities.items()]
        parts.append("</ul>")
    return _page("The demo world", "en-GB", "\n".join(parts))


def home_page(world: World, paper: Paper) -> str:
    """Return a paper's home page; its head announces the feeds (autodiscovery)."""
    links = "".join(
        f'<link rel="alternate" type="{MEDIA_TYPES[s.format]}" title="{escape(s.title)}" href="{s.path}">\n'
        for s in paper.documents
    )
    items = "".join(
        f'<li><a href="{escape(r.link)}">{escape(r.item.title)}</a></li>'
        for r in world.records(paper.slug)[:50]
    )
    body = f"<h1>{escape(paper.title)}</h1><p><em>{escape(paper.tagline)}</em></p><ul>{items}</ul>"
    return _page(paper.title, paper.language, body, links)


def article_page(world: World, paper: Paper, record: Record) -> str:
    """Return the page behind a link; its text is the feed's, so hostile items are shown as plain text."""
    language = record.item.language or paper.language
    is_hostile = record.item.section == "hostile"
    text = f"<pre>{escape(record.body)}</pre>" if is_hostile else record.body
    by = f"By {escape(record.item.author)}, " if record.item.author else ""
    when = f'<time datetime="{record.published.isoformat()}">{record.published:%d %B %Y, %H:%M}</time>'
    body = (
        f'<header><a href="/{paper.slug}/">{escape(paper.title)}</a></header>\n<article>'
        f"<h1>{escape(record.item.title)}</h1>\n<small>{by}{when}</small>\n"
        f"{text}</article>\n<footer>{escape(paper.rights)}</footer>"
    )
    return _page(record.item.title, language, body)
