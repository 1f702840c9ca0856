"""What feedparser does for a plain element, in fewer steps.

A mixin between our vocabulary and feedparser's strict parser. Nine elements in ten of a feed are
plain: they change neither base nor language, and hold one text of an entry. Their handlers, all of
them feedparser's and the vocabulary's, are looked up once a document instead of once an element,
and their texts stored without tests whose answers are known. Every other element goes to feedparser
as it came; what is read is the same with and without this file, for feedparser 6.0, to which
pyproject.toml holds us.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

#: attributes by which an element changes what its children inherit begin so
_SCOPING = ("xml:", "base", "lang", "xmlns")
#: elements whose language is the feed's
_ROOTS = frozenset({"feed", "rss"})
#: attributes whose values are read in lower case
_LOWERED = frozenset({"rel", "type"})
#: elements that stand in a text input or an image; any other shows that it was left
_OF_TEXT_INPUT = frozenset({"title", "link", "description", "name"})
_OF_IMAGE = frozenset({"title", "link", "description", "url", "href", "width", "height"})
#: elements whose texts their handlers store
_LABELS = frozenset({"category", "tags", "itunes_keywords"})
#: what is left of "&name=" in an address that was read as an entity
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")


class _Element(NamedTuple):
    """What a tag means in one document."""

    #: under which an element without handler is stored
    name: str
    start: Callable[[Any, dict[str, str]], object] | None
    end: Callable[[Any], object] | None
    ends_text_input: bool
    ends_image: bool


class Shortcuts:
    """Ways past feedparser's own methods of these names; ``Any`` because feedparser is untyped."""

    #: depth of the element that opened the last text construct
    content_depth = -1

    def __init__(self, *arguments: Any) -> None:
        self._elements: dict[str, _Element] = {}
        super().__init__(*arguments)

    def track_namespace(self: Any, prefix: str | None, uri: str) -> None:
        super().track_namespace(prefix, uri)  # type: ignore[misc]
        self._elements.clear()

    def _learn(self: Any, tag: str) -> _Element:
        prefix, local = tag.split(":", 1) if ":" in tag else ("", tag)
        prefix = self.namespacemap.get(prefix, prefix)
        name = f"{prefix}_{local}" if prefix else local
        element = self._elements[tag] = _Element(
            name,
            getattr(type(self), f"_start_{name}", None),
            getattr(type(self), f"_end_{name}", None),
            not prefix and tag not in _OF_TEXT_INPUT,
            not prefix and tag not in _OF_IMAGE,
        )
        return element

    def unknown_starttag(self: Any, tag: str, attrs: list[tuple[str, str]]) -> None:
        if self.incontent or self.baseuri or tag in _ROOTS or (attrs and _is_scoping(attrs)):
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]
            return
        self.depth += 1
        self.basestack.append("")
        self.langstack.append(self.lang)
        element = self._elements.get(tag) or self._learn(tag)
        if element.ends_text_input:
            self.intextinput = 0
        if element.ends_image:
            self.inimage = 0
        values = {key: value.lower() if key in _LOWERED else value for key, value in attrs}
        if element.start is not None:
            try:
                element.start(self, values)
                return
            except AttributeError:
                pass  # as feedparser does: an element that its handler cannot read is stored as it is
        if values:
            self._get_context()[element.name] = values
        else:
            self.push(element.name, 1)

    def push_content(self: Any, tag: str, attrs: dict[str, str], default_type: str, expecting: int) -> None:
        self.content_depth = self.depth
        super().push_content(tag, attrs, default_type, expecting)  # type: ignore[misc]

    def unknown_endtag(self: Any, tag: str) -> None:
        is_plain = not self.incontent or (self.incontent == 1 and self.depth == self.content_depth)
        if self.svgOK or not is_plain:
            super().unknown_endtag(tag)  # type: ignore[misc]
            return
        element = self._elements.get(tag) or self._learn(tag)
        try:
            if element.end is None:
                self.pop(element.name)
            else:
                element.end(self)
        except AttributeError:
            self.pop(element.name)
        if self.basestack:
            self.basestack.pop()
            if self.basestack and self.basestack[-1]:
                self.baseuri = self.basestack[-1]
        if self.langstack:
            self.langstack.pop()
            if self.langstack:
                self.lang = self.langstack[-1]
        self.depth -= 1

    def resolve_uri(self: Any, uri: str) -> str:
        if not self.baseuri and ":///" not in uri:
            return uri
        return super().resolve_uri(uri)  # type: ignore[misc,no-any-return]

    def pop(self: Any, element: str, strip_whitespace: int = 1) -> Any:
        """Return the text of the innermost open element if that is *element*, and store it in the entry."""
        stack, params = self.elementstack, self.contentparams
        kind = params.get("type", "")
        is_of_entry = self.inentry and not self.insource
        if not (is_of_entry and strip_whitespace and stack and stack[-1][0] == element):
            return super().pop(element, strip_whitespace)  # type: ignore[misc]
        text = "".join(stack[-1][2]).strip()
        if kind.endswith("xml") or params.get("base64") or _is_suspect(text):
            return super().pop(element, strip_whitespace)  # type: ignore[misc]
        if not stack.pop()[1]:
            return text
        if text and element in self.can_be_relative_uri:
            text = self.resolve_uri(text)
        may_be_html = kind == "text/plain" and ("<" in text or "&" in text)
        if may_be_html and not self.version.startswith("atom") and self.looks_like_html(text):
            params["type"] = "text/html"
        params.pop("base64", None)
        if element in _LABELS or (element == "title" and -1 < self.title_depth <= self.depth):
            return text
        return self._store(element, text)

    def _store(self: Any, element: str, text: str) -> str:
        entry = self.entries[-1]
        if element == "content":
            entry.setdefault("content", []).append({**self.contentparams, "value": text})
        elif element != "link":
            name = "summary" if element == "description" else element
            depths = self.property_depth_map.setdefault(entry, {})
            if self.depth <= depths.get(name, self.depth):
                depths[name] = self.depth
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


def _is_scoping(attrs: list[tuple[str, str]]) -> bool:
    return any(name.startswith(_SCOPING) for name, _ in attrs)


def _is_suspect(text: str) -> bool:
    """Tell whether a text may be windows-1252, or UTF-8 that was taken for Latin-1.

    Either has characters from U+0080 to U+00BF, which UTF-8 begins with one byte.
    """
    return not text.isascii() and b"\xc2" in text.encode("utf-8", "replace")
