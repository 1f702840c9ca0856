"""What a page holds for readers without scripts, styles or formulas takes its place in the text.

A publisher's HTML flows in; out flows HTML in which the pictures of ``noscript`` and AMP are
pictures and formulas are text, for a cleaner that would lose them, and in which what mail shows to
nobody is not. Nothing here makes anything safe.
"""

from __future__ import annotations

import re
from html import escape, unescape

_NOSCRIPT = re.compile(r"<noscript\b[^<>]*>((?:(?!<noscript\b).)*?)</noscript\s*>", re.DOTALL | re.IGNORECASE)
#: the address of a picture, also of one that a script is to load
_PICTURE = re.compile(
    r"""\b(?:data-[\w-]{0,20})?(?:src|original|file|lazy)\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE
)
#: the line that a mail shows in lists of mail alone: hidden, and once more for programs that do not hide
_PREHEADER = re.compile(
    r"""<(div|span|p)\b[^<>]*?\bstyle\s*=\s*(?P<mark>["'])"""
    r"""(?=[^"'<>]*display: ?none)"""
    r"""(?=[^"'<>]*(?:mso-hide|max-height|font-size|line-height|opacity|overflow))"""
    r"""[^"'<>]*(?P=mark)[^<>]*>[^<>]*</\1\s*>""",
    re.IGNORECASE,
)
#: players of AMP and of pages that put the real one in their place
_YOUTUBE = re.compile(
    r"""<(?:amp|lite)-youtube\b(?=[^<>]*+>)[^<>]*?videoid\s*=\s*["']?([\w-]++)[^<>]*+>""", re.IGNORECASE
)
_FORMULA = re.compile(
    r"<math\b(?P<stated>[^<>]*)>(?P<drawn>(?:(?!<math\b).)*?)</math\s*>", re.DOTALL | re.IGNORECASE
)
_SAID = re.compile(r"""\balttext\s*=\s*(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE)
_ANNOTATION = re.compile(
    r"<annotation-xml\b(?:(?!<annotation-xml\b).)*?</annotation-xml\s*>"
    r"|<annotation\b(?P<kind>[^<>]*)>(?P<text>[^<>]*)</annotation\s*>",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")
#: signs that a formula is drawn a second time beside its markup (KaTeX, MediaWiki)
_DRAWN_TWICE = ("katex-html", "mwe-math-fallback-image")


def with_fallbacks(html: str) -> str:
    """Return *html* with its fallbacks for browsers without scripts, and formulas as TeX or text."""
    if "<amp-img" in html:
        html = html.replace("<amp-img", "<img")
    if "-youtube" in html:
        html = _YOUTUBE.sub(r'<iframe src="https://www.youtube.com/embed/\1"></iframe>', html)
    if "display:none" in html or "display: none" in html:
        html = _PREHEADER.sub("", html)
    if "<noscript" in html:
        shown = set(_PICTURE.findall(_NOSCRIPT.sub("", html)))
        html = _NOSCRIPT.sub(lambda match: _unwrapped(match[1], shown), html)
    if "<math" in html and not any(sign in html for sign in _DRAWN_TWICE):
        html = _FORMULA.sub(_formula, html)
    return html


def _unwrapped(fallback: str, shown: set[str]) -> str:
    """Return what stands in a noscript, or nothing where its pictures are *shown* elsewhere."""
    pictures = _PICTURE.findall(fallback)
    return "" if pictures and shown.issuperset(pictures) else fallback


def _formula(match: re.Match[str]) -> str:
    """Return a formula as its publisher says it in words or TeX, else the characters in it."""
    if said := _SAID.search(match["stated"]):
        return escape(unescape(said[1] or said[2]))
    drawn = match["drawn"]
    for annotation in _ANNOTATION.finditer(drawn):
        if "tex" in (annotation["kind"] or ""):
            return annotation["text"].strip()
    return _TAG.sub("", _ANNOTATION.sub("", drawn))
