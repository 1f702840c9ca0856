"""Text constructs become plain titles and safe HTML bodies.

feedparser's values and their declared types flow in. Titles, names and labels flow out as
plain text on one line, decoded exactly once (RFC 4287 §3.1); bodies as sanitised HTML.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from aggregator.parse.clean import joined_references, one_line
from aggregator.parse.html import escape_text, sanitise, to_text

#: markup that people put into titles of formats whose titles are plain text
_TITLE_TAG = re.compile(
    r"<(?P<end>/)?(?P<name>a|abbr|audio|b|bdi|big|br|center|cite|code|del|div|em|embed|figure|font|h[1-6]|hr|i|"
    r"iframe|img|ins|kbd|li|mark|math|nobr|object|ol|p|pre|q|s|section|small|span|strike|strong|sub|sup|svg|"
    r"table|td|tr|tt|u|ul|video|wbr)(?P<rest>\s[^<>]*|/)?>",
    re.IGNORECASE,
)
_ENDED = re.compile(r"</([a-z0-9]+)")
#: HTML that was escaped once more than it should: it is one escaped element from beginning to end
_ESCAPED_TWICE = re.compile(
    r"\s*&lt;(p|div|ul|ol|table|blockquote|figure|section|article|h[1-6])(?:&gt;|\s).*&lt;/(?:\1|p|div)&gt;\s*\Z",
    re.DOTALL,
)
_MARKUP = re.compile("<[A-Za-z/!?]")
_EMPTY_LINES = re.compile(r"\n[ \t\r]*\n\s*")
#: a sign that stands in a title as a picture: no letters, and few
_SIGN = re.compile(r"""\balt\s*=\s*["']?([^\w\s"'<>]{1,12})["']""")
_VOID_TAGS = frozenset({"br", "hr", "img", "wbr"})
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
#: text that people read as it is written, Markdown say (RFC 4287 §4.1.3.3)
_OTHER_TEXT = re.compile(r"text/(?!html|plain|xml|[^;]*\+xml)")
_CLOSING_TAG = re.compile(
    r"</(?:p|a|div|ul|ol|li|b|i|em|strong|span|h\d|blockquote|table|pre|code)>|<(?:br|img|p)\b"
)


def plain(value: str | None, kind: str | None = None, *, is_atom: bool = False) -> str:
    """Return a title, name or label as plain text on one line.

    Args:
        kind: media type the document states for it; None: not stated.
        is_atom: text/plain then means what it says; in RSS people put markup in plain fields.
    """
    if not value:
        return ""
    if "<" not in value and "&" not in value:
        return one_line(value)
    if kind in _HTML_TYPES:
        return to_text(value)
    if is_atom:
        return one_line(value)
    if "</script" in value or "</style" in value or "<!--" in value:
        return to_text(value)
    return one_line(unescape(joined_references(_without_tags(value))))


def _without_tags(value: str) -> str:
    """Return *value* without HTML tags, but with names of elements that somebody writes about.

    A tag counts as markup if it has attributes, is ended somewhere, or never needs an end.
    """
    if "<" not in value:
        return value
    ended = set(_ENDED.findall(value.lower()))

    def replace(match: re.Match[str]) -> str:
        name = match["name"].lower()
        if match["end"] or match["rest"] or name in _VOID_TAGS or name in ended:
            sign = _SIGN.search(match["rest"] or "") if name == "img" else None
            return sign[1] if sign else " " if name == "br" else ""
        return match[0]

    return _TITLE_TAG.sub(replace, value)


def body(value: str, kind: str | None, base: str, *, is_stated: bool = True, is_atom: bool = False) -> str:
    """Return a summary or content as sanitised HTML.

    Args:
        is_stated: False where the kind is only the format's default; HTML is then recognised.
        is_atom: text/plain is believed where it is stated.
    """
    if not value:
        return ""
    if kind == "text/plain":
        looks_like_html = "<" in value and bool(_CLOSING_TAG.search(value))
        if not looks_like_html and not is_atom and "&" in value:
            looks_like_html = bool(re.search(r"&#?\w+;", value))
        if (is_stated and is_atom) or not looks_like_html:
            return _paragraphs(escape_text(value))
    elif is_atom and is_stated and kind is not None and _OTHER_TEXT.match(kind):
        return lines(value)
    elif (
        kind not in _HTML_TYPES
        and kind is not None
        and not kind.startswith("text/")
        and not kind.endswith("xml")
    ):
        # other media, base64 undone (RFC 4287 §4.1.3.3): shown only if it turns out to be HTML
        return sanitise(value, base) if _CLOSING_TAG.search(value) else ""
    if not is_atom and "<" not in value and _ESCAPED_TWICE.match(value):
        value = unescape(value)
    elif not is_stated and not _MARKUP.search(value):
        return _paragraphs(sanitise(value, base))
    return sanitise(value, base)


def _paragraphs(html: str) -> str:
    """Return text without markup with breaks for its empty lines; single breaks are its writer's margin."""
    return _EMPTY_LINES.sub("<br>\n<br>\n", html) if "\n" in html else html


def lines(value: str) -> str:
    """Return plain text as HTML that keeps its line breaks."""
    return re.sub(r"\r\n?|\n", "<br>\n", escape_text(value))


def best_body(contents: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the content to show: HTML before text before the rest, then the longest; None if none.

    The first in the document is often a teaser: where they differ, another one is twice as long.
    """
    if not contents:
        return None

    def rank(content: dict[str, Any]) -> tuple[int, int]:
        kind = content.get("type", "")
        order = 2 if kind in _HTML_TYPES else 1 if kind == "text/plain" else 0
        return (order if content.get("value") else -1, len(content.get("value") or ""))

    return max(contents, key=rank)
