"""Elements that feedparser drops, overwrites or files under another element's name.

A mixin for feedparser's two parsers. It keeps what they lose: every skipped hour, the language
and base of each entry, content beside the summary. It reads nothing itself; what belongs to
podcasts and media stands in media_vocabulary.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urljoin
from xml.sax.saxutils import escape as escape_markup

from feedparser.mixin import _FeedParserMixin

from aggregator.parse.media_vocabulary import MediaVocabulary
from aggregator.parse.rawvalues import EntryValues, Text, collected, construct, ended, unkept
from aggregator.parse.repair import without_section_marks

#: namespaces that feedparser does not know, by the prefix used in method names
_EXTRA_NAMESPACES = {
    "https://podcastindex.org/namespace/1.0": "podcast",
    "http://podcastindex.org/namespace/1.0": "podcast",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://www.google.com/schemas/play-podcasts/1.0": "googleplay",
    "http://www.pheedo.com/namespace/pheedo": "pheedo",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "https://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/dc/elements/1.0/": "dc",
}
#: by which feedparser finds its methods: its own and ours, in lower case
NAMESPACES = {
    uri.lower(): prefix for uri, prefix in (_FeedParserMixin.namespaces | _EXTRA_NAMESPACES).items()
}
#: elements whose text is a plain value; markup inside them is noise
_LEAVES = frozenset({"id", "author", "category", "name", "published", "updated", "link", "href"})
#: what people mark words with; in such an element it counts for nothing
INLINE = frozenset({"a", "b", "i", "u", "em", "strong", "span", "font", "p", "br", "div", "img"})
#: labels of one entry beyond which the rest is noise
_MAX_TAGS = 200
#: attributes that hold one address
_ADDRESSES = frozenset({"href", "src", "poster", "cite", "data"})
_RELATIONS = "http://www.iana.org/assignments/relation/"
#: an entry that was deleted (RFC 6721)
_TOMBSTONE = "at:deleted-entry"
#: elements of a feed that hold values like its own, of something else: of a broadcast, say
BURIED = frozenset({_TOMBSTONE, "podcast:liveitem"})
#: how people write "false"
_NO = frozenset({"false", "0", "no"})
#: what a handler raises that stumbles over an element in an odd place
SLIPS = (KeyError, IndexError, TypeError, ValueError)


#: slots of feedparser and of ours: an element of that name in no namespace is a stranger's
_SLOTS = """
    links authors contributors enclosures transcripts alternates soundbites podcast_people peer_links
    skip_hours skip_days update_frequency withdrawn answers guid_link title_detail summary_detail
    subtitle_detail rights_detail _base _lang
""".split()  # noqa: SIM905


class Vocabulary(MediaVocabulary):
    """Handlers that stand before feedparser's own; ``Any`` because feedparser is untyped."""

    _matchnamespaces = NAMESPACES
    #: ids are compared character by character (RFC 4287 §4.2.6), so they are never resolved
    can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}
    #: how deep the title of the feed stands; -1: there was none yet
    feed_title_depth = -1
    #: items open inside the current item
    nested_items = 0
    #: the last guid said whether it is an address
    guid_is_stated = False
    #: a channel has begun
    has_channel = False
    #: elements open in one that stands for no value of the feed, itself included
    buried = 0

    def unknown_starttag(self: Any, tag: str, attrs: list[tuple[str, str]]) -> None:
        stack = self.elementstack
        if self.buried or (tag in BURIED and not self.inentry):
            if tag == _TOMBSTONE and not self.buried:
                self.feeddata.setdefault("withdrawn", []).append(dict(attrs).get("ref") or "")
            self.buried += 1
            self._pass_over()
            return
        if stack and tag in INLINE and stack[-1][0] in _LEAVES and not self.incontent:
            # naked markup in a guid, an author, a category: its text is the value
            self._pass_over()
            return
        if self.baseuri:
            attrs = self._with_whole_base(attrs)
        # a handler may stumble over an element in an odd place: that element is lost, not the feed
        with suppress(*SLIPS):
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]

    def _with_whole_base(self: Any, attrs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the attributes with their base seen from a relative one; feedparser cannot join two."""
        if "://" in self.baseuri or not any(name in {"xml:base", "base"} for name, _ in attrs):
            return attrs
        outer, self.baseuri = self.baseuri, ""
        return [
            (name, urljoin(outer, value) if name in {"xml:base", "base"} else value) for name, value in attrs
        ]

    def _pass_over(self: Any) -> None:
        """Let an element count for nothing but its end tag."""
        self.depth += 1
        self.basestack.append(self.baseuri)
        self.langstack.append(self.lang)

    def unknown_endtag(self: Any, tag: str) -> None:
        if self.buried:
            self.buried -= 1
            self._leave()
            return
        depth = self.depth
        with suppress(*SLIPS):
            super().unknown_endtag(tag)  # type: ignore[misc]
        if self.depth == depth:
            self._leave()
        elif self.basestack:
            # feedparser lets a base hold on where none was in force before it
            self.baseuri = self.basestack[-1]

    def _leave(self: Any) -> None:
        """Let the base and language of the innermost element go out of scope."""
        self.depth -= 1
        for stack, name in ((self.basestack, "baseuri"), (self.langstack, "lang")):
            if stack:
                stack.pop()
            if stack:
                setattr(self, name, stack[-1])

    def strattrs(self: Any, attrs: list[tuple[str, str]]) -> str:
        """Write the attributes of an element in a text, addresses as they are seen from the text's base."""
        if self.baseuri != self.contentparams.get("base"):
            attrs = [
                (name, self.resolve_uri(value) if name in _ADDRESSES and value[:1] != "#" else value)
                for name, value in attrs
            ]
        return super().strattrs(attrs)  # type: ignore[misc,no-any-return]

    def _start_item(self: Any, attrs: dict[str, str]) -> None:
        if self.inentry and not attrs:
            # an item inside an item is a slip of the pen; what follows belongs to the outer one
            self.nested_items += 1
            return
        self.entries.append(EntryValues(_lang=self.lang, _base=self.baseuri))
        self.push("item", 0)
        self.inentry = 1
        self.guidislink = self.hasContent = 0
        self.feed_title_depth, self.title_depth = self.title_depth, -1
        if attrs:
            if about := self._get_attribute(attrs, "rdf:about"):
                self._get_context()["id"] = about
            self._cdf_common(attrs)

    _start_entry = _start_item

    def _end_item(self: Any) -> None:
        if self.nested_items:
            self.nested_items -= 1
            return
        super()._end_item()  # type: ignore[misc]
        self.title_depth = self.feed_title_depth

    _end_entry = _end_item

    def _start_channel(self: Any, attrs: dict[str, str]) -> None:
        # of several channels the first names the feed
        if not self.has_channel:
            self.has_channel = True
            super()._start_channel(attrs)  # type: ignore[misc]

    def _start_link(self: Any, attrs: dict[str, str]) -> None:
        stated = attrs.get("type")
        if "rel" in attrs:
            # RFC 4287 §4.2.7.2: a relation may be written as its IRI
            attrs["rel"] = attrs["rel"].removeprefix(_RELATIONS)
        super()._start_link(attrs)  # type: ignore[misc]
        links = dict.get(self._get_context(), "links")
        if not links:
            return
        # a plain dictionary: feedparser's own looks through other names for each value that is asked for
        links[-1] = dict(links[-1])
        if stated is None and links[-1].get("rel") != "alternate":
            # feedparser says text/html where the publisher says nothing
            links[-1].pop("type", None)

    def _start_enclosure(self: Any, attrs: dict[str, str]) -> None:
        super()._start_enclosure(attrs)  # type: ignore[misc]
        links = dict.__getitem__(self._get_context(), "links")
        links[-1] = dict(links[-1])  # for the same reason

    def push_content(self: Any, tag: str, attrs: dict[str, str], default_type: str, expecting: int) -> None:
        super().push_content(tag, attrs, default_type, expecting)  # type: ignore[misc]
        # a plain dictionary: feedparser's own is asked per piece of text and copied per element
        self.contentparams = dict(self.contentparams, stated="type" in attrs)

    def handle_data(self: Any, text: str, escape: int = 1) -> None:
        stack = self.elementstack
        # feedparser ends every element, and HTML takes </br> for a further line break
        if not stack or (text == "</br>" and not escape):
            return
        if escape and self.incontent and self.contentparams.get("type") == "application/xhtml+xml":
            text = escape_markup(text)
        stack[-1][2].append(text)

    def decode_entities(self: Any, element: str, data: str) -> str:
        # the last step before feedparser looks for windows-1252
        return Text(without_section_marks(super().decode_entities(element, data)))  # type: ignore[misc]

    def _start_content(self: Any, attrs: dict[str, str]) -> None:
        super()._start_content(attrs)  # type: ignore[misc]
        if attrs.get("src"):
            self.contentparams["src"] = self.resolve_uri(attrs["src"])

    def _end_content(self: Any) -> None:
        # feedparser would copy the content into the summary; they stay two fields
        self.pop_content("content")

    _end_body = _end_content
    _end_xhtml_body = _end_content
    _end_content_encoded = _end_content
    _end_fullitem = _end_content

    _start_dc_title, _end_dc_title = construct("dc_title")
    _start_dc_description, _end_dc_description = construct("dc_description", "text/html")

    def _start_podcast_updatefrequency(self: Any, attrs: dict[str, str]) -> None:
        self._get_context().setdefault("update_frequency", dict(attrs))
        self.push("podcast_updatefrequency", 0)

    def _end_hour(self: Any) -> None:
        self._get_context().setdefault("skip_hours", []).append(self.pop("hour"))

    def _end_day(self: Any) -> None:
        self._get_context().setdefault("skip_days", []).append(self.pop("day"))

    def _add_tag(self: Any, term: str | None, scheme: str | None, label: str | None) -> None:
        tags = self._get_context().setdefault("tags", [])
        tag = {"term": term, "scheme": scheme, "label": label}
        # feedparser looks every further label up in all the others
        if len(tags) < _MAX_TAGS and (term or scheme or label) and tag not in tags:
            tags.append(tag)

    def _end_guid(self: Any) -> None:
        value = self.pop("id")
        # a path is an address only where the publisher says that it is one
        schemes = ("http://", "https://", "/") if self.guid_is_stated else ("http://", "https://")
        if self.guidislink and isinstance(value, str) and value.lower().startswith(schemes):
            self._get_context()["guid_link"] = value

    _end_id = _end_guid

    def _start_guid(self: Any, attrs: dict[str, str]) -> None:
        self.guidislink = attrs.get("ispermalink", "true").strip().lower() not in _NO
        self.guid_is_stated = "ispermalink" in attrs
        self.push("id", 1)

    _start_id = _start_guid

    def _end_author(self: Any) -> None:
        text = self.pop("author")
        self.inauthor = 0
        authors = self._get_context().get("authors")
        if text and authors and not authors[-1]:
            # read later by our own rules: feedparser cuts addresses with long top-level domains
            authors[-1]["name"] = text

    _end_managingeditor = _end_author

    def _save_author(self: Any, key: str, value: str, prefix: str = "author") -> None:
        if prefix == "author":
            self._get_context().setdefault("authors", [{}])[-1][key] = value

    def _sync_author_detail(self: Any, key: str = "author") -> None:
        # the single author that feedparser derives is not used
        return

    # dates are read once, by our own rules
    _end_published = _end_issued = _end_pubdate = _end_dcterms_issued = ended("published")
    _end_updated = _end_modified = _end_lastbuilddate = ended("updated")
    _end_dc_date = _end_dcterms_modified = _end_updated
    _end_created = _end_dcterms_created = ended("created")


setattr(Vocabulary, "_start_thr_in-reply-to", collected("thr_in-reply-to", "answers"))
for _slot in _SLOTS:
    for _when, _handler in zip(("start", "end"), unkept(_slot), strict=True):
        setattr(Vocabulary, f"_{_when}_{_slot}", _handler)
