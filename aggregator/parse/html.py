"""Publishers' HTML becomes HTML that is safe to show on any page.

HTML and a base URL flow in; out flows HTML by an allow-list (nh3, a real HTML parser), with
absolute http(s) addresses, without scripts, styles, forms, ids, classes, tracking pixels and
strangers' frames. Addresses are only rewritten, never contacted.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import urlsplit

import nh3

from aggregator.parse.clean import clean, joined_references
from aggregator.parse.fallbacks import with_fallbacks
from aggregator.parse.links import absolute, strip_tracking, upgrade
from aggregator.parse.markup import is_player

_TAGS = frozenset(
    """
    a abbr acronym address area article aside audio b bdi bdo big blockquote br caption center cite code
    col colgroup data dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6
    header hgroup hr i iframe img ins kbd li main map mark nav ol p picture pre q rp rt rtc ruby s samp
    section small source span strike strong sub summary sup table tbody td tfoot th thead time tr track
    tt u ul var video wbr
    """.split()  # noqa: SIM905
)
#: removed with everything in them; other unknown elements only lose their tags
_DROPPED = frozenset(
    """
    script style title head template noembed noframes select textarea option svg frameset dialog
    """.split()  # noqa: SIM905
)
#: where scripts that load pictures late find the address and the sizes of one
_LAZY = (
    *("data-src", "data-lazy-src", "data-original", "data-lazy", "data-actualsrc", "data-cfsrc"),
    *("data-pagespeed-lazy-src", "data-ezsrc", "zoomfile", "file"),
)
_LAZY_SIZES = ("data-srcset", "data-lazy-srcset")
#: the whole picture, which a page may be sent smaller
_LARGE = ("data-orig-file", "data-large-file")
_LATE = frozenset((*_LAZY, *_LAZY_SIZES))
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"title", "lang", "dir"},
    "a": {"href", "hreflang"},
    "abbr": {"title"},
    "area": {"href", "alt", "coords", "shape"},
    "audio": {"src", "controls", "loop"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "data": {"value"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "iframe": {"src", "width", "height", "allowfullscreen", "data-src", "data-lazy-src"},
    "img": {
        *("src", "srcset", "sizes", "alt", "width", "height"),
        *(*_LAZY, *_LAZY_SIZES, *_LARGE, "style"),
    },
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "q": {"cite"},
    "source": {"src", "srcset", "sizes", "type", "media", "data-src"},
    "td": {"colspan", "rowspan", "headers", "align"},
    "th": {"colspan", "rowspan", "headers", "scope", "align"},
    "time": {"datetime"},
    "track": {"src", "kind", "srclang", "label"},
    "video": {"src", "poster", "controls", "width", "height", "loop", "muted"},
}
#: in the name of a picture that stands where a script is to put another
_PLACEHOLDER = re.compile("placeholder|blank|spacer|transparent|lazy|loading", re.IGNORECASE)
#: attributes of a picture that are left in the end
_SHOWN = _ATTRIBUTES["*"] | _ATTRIBUTES["img"].difference(_LAZY, _LAZY_SIZES, _LARGE, {"style"})
_ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*)"')
#: a frame with what is in it, the start of a medium, or all that stands before the next of these. The
#: last must take in every other tag, so that none is ever found inside an attribute: the cleaner writes
#: attributes in quotes but leaves "<" in them
_MEDIA = re.compile(
    r'<iframe(?P<frame>(?: [\w-]+="[^"]*+")*+)>.*?</iframe>'
    r'|<(?P<name>img|audio|video|source)(?P<rest>(?: [\w-]+="[^"]*+")*+)>'
    r"|(?:[^<]++|</[a-z0-9]++>"
    r'|<(?!(?:iframe|img|audio|video|source)[ >])[a-z0-9]++(?: [\w-]+="[^"]*+")*+>)++',
    re.DOTALL,
)
_OPEN_OR_CLOSE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
#: elements that are empty or end by themselves, so that their start tags say nothing of depth
_SELF_CLOSING = frozenset(
    "area br col hr img source track wbr p li input meta link embed param base".split()  # noqa: SIM905
)
_PIXEL_HOSTS = re.compile(
    r"https?://(?:pixel\.|stats\.wordpress\.com|[^/]*feedsportal\.com/|feeds\.feedburner\.com/~|"
    r"[^/]*\.doubleclick\.net/|b\.scorecardresearch\.com|www\.google-analytics\.com|"
    r"[^/]*/1x1\.(?:gif|png)|counter\.theconversation\.com|pi\.feedsportal|rss\.feedsportal)",
    re.IGNORECASE,
)
#: the style of a picture that nobody is to see
_ONE_PIXEL = re.compile(
    r"(?=.*(?<![\w-])width\s*:\s*[01](?:px)?(?![\w.%]))(?=.*(?<![\w-])height\s*:\s*[01](?:px)?(?![\w.%]))",
    re.IGNORECASE | re.DOTALL,
)
#: nesting deeper than this is an attack or an accident; the text stays, the structure goes
MAX_DEPTH = 200
#: characters of one field's markup that are read; the cleaner takes up to a hundred times as much memory
MAX_MARKUP = 3_000_000
#: sizes of one picture; more are a mistake
MAX_CANDIDATES = 50
_page = threading.local()


def _filter(_tag: str, name: str, value: str) -> str | None:
    judge = _JUDGES.get(name)
    if judge is None:
        return value
    try:
        return judge(value, _page.base)
    except Exception:  # the cleaner would keep the value as it came
        return None


def _judge_href(value: str, base: str) -> str | None:
    return None if value.startswith("#") else _judge_cite(value, base)


def _judge_cite(value: str, base: str) -> str | None:
    url = absolute(value, base)
    return strip_tracking(url) if url else None


def _judge_src(value: str, base: str) -> str | None:
    url = absolute(value, base)
    return upgrade(url, base) if url else None


def _judge_srcset(value: str, base: str) -> str | None:
    """Return a srcset with absolute addresses; candidates without a usable one are left out."""
    candidates = []
    on_one_line = " ".join(value.split())
    listed = re.split(r", |,(?=https?://|//)| ,|(?<=[0-9][wx]),", on_one_line, maxsplit=MAX_CANDIDATES)
    for candidate in listed[:MAX_CANDIDATES]:
        parts = candidate.split()
        url = _judge_src(parts[0].rstrip(","), base) if parts else None
        if url:
            candidates.append(" ".join([url.replace(",", "%2C"), *parts[1:2]]))
    return ", ".join(candidates) or None


def _judge_style(value: str, _base: str) -> str | None:
    return "pixel" if _ONE_PIXEL.match(value) else None


#: attributes that are looked at, and what becomes of addresses seen from a page; None: they go
_JUDGES: dict[str, Callable[[str, str], str | None]] = {
    "href": _judge_href,
    "cite": _judge_cite,
    "style": _judge_style,
    **dict.fromkeys(("src", "poster", *_LAZY, *_LARGE), _judge_src),
    **dict.fromkeys(("srcset", *_LAZY_SIZES), _judge_srcset),
}
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_DROPPED),
    attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
    attribute_filter=_filter,
    strip_comments=True,
    link_rel="noopener noreferrer",
    url_schemes={"http", "https"},
)


#: a sign in a formula, a mail address: in the name of no element there are other signs
_NO_TAG = re.compile(r"<(?=[a-zA-Z][\w-]*+[^\w\s/>:-])")


def sanitise(html: str, base_url: str = "") -> str:
    """Return *html* made safe, its addresses absolute; text without markup passes unchanged.

    Args:
        base_url: absolute URL against which relative addresses are read; empty if unknown,
            then relative addresses are dropped.
    """
    html = clean(html[:MAX_MARKUP]).strip()
    if "<" not in html and "&" not in html:
        return html.replace(">", "&gt;") if ">" in html else html
    if "<" not in html:
        return escape(clean(unescape(joined_references(html))), quote=False)
    _page.base = base_url
    html = joined_references(_NO_TAG.sub("&lt;", html))
    safe: str = _CLEANER.clean(_flat(with_fallbacks(html))).strip()
    if "<img" in safe or "<iframe" in safe or "<audio" in safe or "<video" in safe:
        safe = _MEDIA.sub(_judge, safe)
    # a reference may have stood for a character that is illegal
    return clean(safe).strip() if "&#" in html else safe.strip()


def _flat(html: str) -> str:
    """Return *html*, or its text alone if elements nest deeper than MAX_DEPTH."""
    if html.count("<") - html.count("</") <= MAX_DEPTH:
        return html
    depth = deepest = 0
    for match in _OPEN_OR_CLOSE.finditer(html):
        if match[1]:
            depth = max(0, depth - 1)
        elif match[2].lower() not in _SELF_CLOSING:
            depth += 1
            deepest = max(deepest, depth)
    return escape(to_text(html), quote=False) if deepest > MAX_DEPTH else html


def _judge(match: re.Match[str]) -> str:
    if match["frame"] is not None:
        return _judge_frame(match["frame"])
    if match["name"] is not None:
        return _judge_media(match["name"], match["rest"])
    return match[0]


def _judge_frame(written: str) -> str:
    """Drop strangers' frames; the fallback text inside is never shown by a browser and goes too."""
    attributes = dict(_ATTRIBUTE.findall(written))
    named = [attributes.get(name, "") for name in ("src", "data-src", "data-lazy-src")]
    src = next((each for each in named if each and _is_player(unescape(each))), None)
    if src is None:
        return ""
    kept = {name: value for name, value in attributes.items() if not name.startswith("data-")}
    kept.update(src=src, loading="lazy", referrerpolicy="strict-origin-when-cross-origin")
    return f"<iframe{_written(kept)}></iframe>"


def _judge_media(tag: str, written: str) -> str:
    """Drop tracking pixels, give lazy pictures their real address, let nothing load or play by itself.

    Attributes are added here and not by nh3, whose order of several added ones changes by chance.
    """
    attributes = dict(_ATTRIBUTE.findall(written))
    if tag == "source":
        if late := attributes.pop("data-src", None):
            attributes.setdefault("src", late)
        return f"<source{_written(attributes)}>"
    if tag != "img":
        attributes.update(controls="", preload="none")
        return f"<{tag}{_written(attributes)}>"
    _find_picture(attributes)
    if _is_pixel(attributes):
        return ""
    kept = {name: value for name, value in attributes.items() if name in _SHOWN}
    kept.update(loading="lazy", referrerpolicy="no-referrer")
    return f"<img{_written(kept)}>"


def _find_picture(attributes: dict[str, str]) -> None:
    """Put the address and the sizes of the real picture where a reader without scripts looks for them."""
    if not _LATE.isdisjoint(attributes):
        if sizes := _first_of(_LAZY_SIZES, attributes):
            attributes["srcset"] = sizes
        if lazy := _first_of(_LAZY, attributes):
            attributes["src"] = lazy
            return
    src = attributes.get("src", "")
    if not src or ("srcset" in attributes and _PLACEHOLDER.search(src.partition("?")[0].rpartition("/")[2])):
        other = attributes.get("srcset", "").partition(" ")[0].rstrip(",") or _first_of(_LARGE, attributes)
        attributes["src"] = other or src


def _first_of(names: tuple[str, ...], attributes: dict[str, str]) -> str | None:
    return next((attributes[name] for name in names if name in attributes), None)


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{value}"' for name, value in attributes.items())


def _is_pixel(attributes: dict[str, str]) -> bool:
    if "style" in attributes or not (attributes.get("src") or attributes.get("srcset")):
        return True
    sizes = [
        attributes.get("width", "").strip().removesuffix("px"),
        attributes.get("height", "").strip().removesuffix("px"),
    ]
    if all(size in {"0", "1"} for size in sizes) or "0" in sizes:
        return True
    return bool(_PIXEL_HOSTS.match(attributes.get("src", "")))


def _is_player(src: str) -> bool:
    try:
        host = (urlsplit(src).hostname or "").lower()
    except ValueError:
        return False
    return is_player(host)


def escape_text(text: str) -> str:
    """Return plain *text* as HTML that shows it character by character."""
    return escape(clean(text), quote=False).strip()


#: a comment, an invisible element with its text, a tag, or the edge of a CDATA section; linear
_TEXT_TAGS = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<hidden>script|style)\b[^<>]*>.*?(?:</(?P=hidden)\s*>|\Z)"
    r"|</?(?P<tag>[a-zA-Z][\w:-]*)(?:(?:\s+[\w:-]+=\"[^\"]*\")*\s*/?|[^<>]*)>"
    r"|<!\[CDATA\[|\]\]>",
    re.DOTALL | re.IGNORECASE,
)
_INLINE = frozenset(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark q s samp small span
    strike strong sub sup time tt u var wbr ruby rt rp
    """.split()  # noqa: SIM905
)


def to_text(html: str) -> str:
    """Return the text of *html* on one line: tags out, block elements separate words, entities decoded."""
    if "<" in html:
        html = _TEXT_TAGS.sub(_replace_tag, html)
    if "&" in html:
        html = unescape(joined_references(html))
    return " ".join(clean(html).split())


def _replace_tag(match: re.Match[str]) -> str:
    tag = match["tag"]
    return "" if tag is not None and tag.lower() in _INLINE else " "
