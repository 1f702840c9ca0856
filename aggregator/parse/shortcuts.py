"""What our vocabulary and feedparser do for a plain element, in fewer steps.

A mixin before our vocabulary and feedparser's strict parser. Nine elements in ten of a feed are
plain: they change neither base nor language, and hold one text of an entry. Their handlers, all of
them feedparser's and the vocabulary's, are looked up once a document instead of once an element,
and their texts stored without tests whose answers are known. Every other element goes on as it
came; what is read is the same with and without this file, for feedparser 6.0, to which
pyproject.toml holds us.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aggregator.parse.vocabulary import BURIED, INLINE, SLIPS

#: attributes by which an element changes what its children inherit
_SCOPING = frozenset({"xml:base", "base", "xml:lang", "lang", "xmlns"})
#: elements whose language is the feed's, that count for nothing, or that bury what they hold
_SPECIAL = frozenset({"feed", "rss", *BURIED, *INLINE})
#: attributes whose values are read in lower case
_LOWERED = frozenset({"rel", "type"})
#: elements that stand in a text input or an image; any other shows that it was left
_OF_TEXT_INPUT = frozenset({"title", "link", "description", "name"})
_OF_IMAGE = frozenset({"title", "link", "description", "url", "href", "width", "height"})
#: elements whose texts their handlers store
_LABELS = frozenset({"category", "tags", "itunes_keywords"})
#: types of text constructs whose texts stand for themselves
_KINDS = {
    **dict.fromkeys(("text", "plain", "text/plain"), "text/plain"),
    **dict.fromkeys(("html", "text/html"), "text/html"),
}
#: what is left of "&name=" in an address that was read as an entity
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")


@dataclass(slots=True)
class _Element:
    """What a tag means in one document."""

    #: under which an element is stored that its handler cannot read
    name: str
    start: Callable[[Any, dict[str, str]], object]
    end: Callable[[Any], object]
    ends_text_input: bool
    ends_image: bool
    #: it may stand for more than itself, or for less
    is_special: bool


@lru_cache(maxsize=512)
def _element(parser: type, tag: str, name: str) -> _Element:
    """Return what *tag* means to a parser, which calls it *name*: with its own prefix, if any, before it."""
    is_bare = name == tag.split(":", 1)[-1]
    return _Element(
        name=name,
        start=getattr(parser, f"_start_{name}", lambda parser, values: parser._keep(name, values)),
        end=getattr(parser, f"_end_{name}", lambda parser: parser.pop(name)),
        ends_text_input=is_bare and tag not in _OF_TEXT_INPUT,
        ends_image=is_bare and tag not in _OF_IMAGE,
        is_special=tag in _SPECIAL,
    )


class Shortcuts:
    """Ways past our vocabulary's and feedparser's methods of these names; ``Any``: feedparser is untyped."""

    #: depth of the element that opened the last text construct
    content_depth = -1
    #: the entry that a text was stored in last, and how deep in it stood what each text was taken from
    _entry: Any = None
    _depths: dict[str, int]

    def __init__(self, *arguments: Any) -> None:
        self._elements: dict[str, _Element] = {}
        super().__init__(*arguments)

    def track_namespace(self: Any, prefix: str | None, uri: str) -> None:
        super().track_namespace(prefix, uri)  # type: ignore[misc]
        self._elements.clear()

    def _learn(self: Any, tag: str) -> _Element:
        prefix, local = tag.split(":", 1) if ":" in tag else ("", tag)
        prefix = self.namespacemap.get(prefix, prefix)
        element = self._elements[tag] = _element(
            self.__class__, tag, f"{prefix}_{local}" if prefix else local
        )
        return element

    def unknown_starttag(self: Any, tag: str, attrs: list[tuple[str, str]]) -> None:
        element = self._elements.get(tag) or self._learn(tag)
        values = {key: value.lower() if key in _LOWERED else value for key, value in attrs} if attrs else {}
        is_plain = not (self.incontent or self.baseuri or self.buried or element.is_special)
        if not is_plain or (values and not _SCOPING.isdisjoint(values)):
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]
            return
        self.depth += 1
        self.basestack.append("")
        self.langstack.append(self.lang)
        if element.ends_text_input:
            self.intextinput = 0
        if element.ends_image:
            self.inimage = 0
        try:
            try:
                element.start(self, values)
            except AttributeError:
                self._keep(element.name, values)
        except SLIPS:  # the element is lost, not the feed
            return

    def _keep(self: Any, name: str, values: dict[str, str]) -> None:
        """Read an element as feedparser does without a handler: its attributes, else its text."""
        if values:
            self._get_context()[name] = values
        else:
            self.push(name, 1)

    def push_content(self: Any, tag: str, attrs: dict[str, str], default_type: str, expecting: int) -> None:
        self.content_depth = self.depth
        kind = _KINDS.get(attrs.get("type", default_type))
        if kind is None or "mode" in attrs:
            super().push_content(tag, attrs, default_type, expecting)  # type: ignore[misc]
            return
        self.incontent += 1
        if self.lang:
            self.lang = self.lang.replace("_", "-")
        self.contentparams = {
            "type": kind,
            "language": self.lang,
            "base": self.baseuri,
            "base64": 0,
            "stated": "type" in attrs,
        }
        self.push(tag, expecting)

    def unknown_endtag(self: Any, tag: str) -> None:
        is_plain = not self.incontent or (self.incontent == 1 and self.depth == self.content_depth)
        if not is_plain or self.svgOK or self.buried:
            super().unknown_endtag(tag)  # type: ignore[misc]
            return
        element = self._elements.get(tag) or self._learn(tag)
        try:
            try:
                element.end(self)
            except AttributeError:
                self.pop(element.name)
        except SLIPS:
            self._leave()
            return
        bases, languages = self.basestack, self.langstack
        bases.pop()
        languages.pop()
        if bases:
            self.baseuri = bases[-1]
            self.lang = languages[-1]
        self.depth -= 1

    def resolve_uri(self: Any, uri: str) -> str:
        if not self.baseuri and ":///" not in uri:
            return uri
        return super().resolve_uri(uri)  # type: ignore[misc,no-any-return]

    def pop(self: Any, element: str, strip_whitespace: int = 1) -> Any:
        """Return the text of the innermost open element, and store it in the entry; None if it is another."""
        stack, params = self.elementstack, self.contentparams
        if not stack or stack[-1][0] != element:
            return None
        is_of_entry = self.inentry and not self.insource
        if not (is_of_entry and strip_whitespace):
            return super().pop(element, strip_whitespace)  # type: ignore[misc]
        text = "".join(stack[-1][2]).strip()
        if _is_suspect(text) or (params and (params.get("base64") or params["type"].endswith("xml"))):
            return super().pop(element, strip_whitespace)  # type: ignore[misc]
        if not stack.pop()[1]:
            return text
        if text and element in self.can_be_relative_uri:
            text = self.resolve_uri(text)
        if params:
            params.pop("base64", None)
            may_be_html = params["type"] == "text/plain" and ("<" in text or "&" in text)
            if may_be_html and not self.version.startswith("atom") and self.looks_like_html(text):
                params["type"] = "text/html"
        if element in _LABELS or (element == "title" and -1 < self.title_depth <= self.depth):
            return text
        return self._store(element, text)

    def _store(self: Any, element: str, text: str) -> str:
        entry = self.entries[-1]
        if element == "content":
            entry.setdefault("content", []).append({**self.contentparams, "value": text})
        elif element != "link":
            if entry is not self._entry:
                self._entry, self._depths = entry, self.property_depth_map.setdefault(entry, {})
            name = "summary" if element == "description" else element
            if self.depth <= self._depths.get(name, self.depth):
                self._depths[name] = self.depth
                entry[name] = text
            if self.incontent:
                entry[f"{name}_detail"] = {**self.contentparams, "value": text}
        elif not self.inimage:
            if "&" in text:
                text = _REFERENCE.sub(r"&\1", text.replace("&amp;", "&"))
            entry["link"] = text
            if text:
                entry["links"][-1]["href"] = text
        return text


def _is_suspect(text: str) -> bool:
    """Tell whether a text may be windows-1252, UTF-8 that was taken for Latin-1, or a section in a section.

    The first two have characters from U+0080 to U+00BF, which UTF-8 begins with one byte.
    """
    if text.isascii():
        return text.startswith("<![")
    return b"\xc2" in text.encode("utf-8", "replace") or text.startswith("<![")
