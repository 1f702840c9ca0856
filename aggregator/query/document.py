"""An article as queries see it: entry, source and labels flow in, one frozen Document flows out.

Folding and splitting the text is the costly part, so it happens once per document, on first use,
and is shared by the copies that only carry other labels. Of an entry that carries its words only
what asks for their order, a phrase, or for one field splits texts again.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

from aggregator.model import Admission, Article, Entry, Item, Source, SourceCard
from aggregator.query.fields import TEXT_FIELDS, host_key, source_key
from aggregator.query.text import fold, plain_text, tokens


class Words:
    """The folded words of some texts in order; a phrase never reaches from one text into the next."""

    def __init__(self, texts: Iterable[str]) -> None:
        sequence: list[str] = []
        for text in texts:
            if sequence:
                sequence.append("")
            sequence += tokens(text)
        self._sequence = sequence
        words = set(sequence)
        words.discard("")
        self.vocabulary = frozenset(words)

    def has_phrase(self, phrase: tuple[str, ...]) -> bool:
        """Tell whether the words of *phrase* (not empty) stand side by side."""
        if len(phrase) == 1:
            return phrase[0] in self.vocabulary
        return self.vocabulary.issuperset(phrase) and any(
            tuple(self._sequence[at : at + len(phrase)]) == phrase for at in self._places(phrase[0])
        )

    def has_prefix(self, before: tuple[str, ...], start: str) -> bool:
        """Tell whether a word begins with *start*, directly after the words *before* (may be none)."""
        if not before:
            return any(word.startswith(start) for word in self.vocabulary)
        size = len(before)
        return self.vocabulary.issuperset(before) and any(
            tuple(self._sequence[at : at + size]) == before
            and at + size < len(self._sequence)
            and self._sequence[at + size].startswith(start)
            for at in self._places(before[0])
        )

    def _places(self, word: str) -> Iterable[int]:
        at = -1
        for _ in range(self._sequence.count(word)):
            at = self._sequence.index(word, at + 1)
            yield at


class _Spaced:
    """Words in one text, a blank before and behind each: for few questions, which a set does not pay for."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __contains__(self, word: object) -> bool:
        return f" {word} " in self._text


@dataclass(frozen=True)
class Document:
    """Everything a query can ask of one article; most is asked of few, so it is worked out when it is."""

    entry: Entry
    source: Source | SourceCard
    topics: Collection[str] = ()
    _: KW_ONLY
    #: the source's, where *source* does not carry it
    slug: str | None = None
    #: the date the article is sorted by, from which ``age:`` counts; None: the claimed one
    date: datetime | None = None
    is_picked: bool = False
    #: texts already folded; filled on first use
    _folded: dict[str, Words] = field(default_factory=dict, repr=False, compare=False, hash=False)

    def text_of(self, name: str) -> Words:
        """Return the words of title, text (summary and content), author or category."""
        found = self._folded.get(name)
        if found is None:
            found = self._folded[name] = Words(self.texts_of(name))
        return found

    def texts_of(self, name: str) -> tuple[str, ...]:
        """Return the same as plain texts, or the link (url)."""
        match name:
            case "title":
                return (self.entry.title,)
            case "text":
                return self.plain
            case "author":
                return self.authors
            case "category":
                return self.categories
        return (self.link,)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The folded words of title, summary and content."""
        if self.entry.wording is not None:
            return frozenset(self.entry.wording.vocabulary.split())
        return self.text_of("title").vocabulary | self.text_of("text").vocabulary

    @property
    def mentioned(self) -> Container[str]:
        """What tells whether the vocabulary has a word: itself, or what spares putting it together."""
        wording = self.entry.wording
        return self.vocabulary if wording is None or "vocabulary" in self.__dict__ else _Spaced(self.spaced)

    @property
    def spaced(self) -> str:
        """The vocabulary in one text, with a blank before and behind each word."""
        wording = self.entry.wording
        return f" {' '.join(self.vocabulary) if wording is None else wording.vocabulary} "

    def has_start(self, start: str) -> bool:
        """Tell whether a word of the vocabulary begins with *start*."""
        if (known := self.__dict__.get("_starts")) is not None and start in known[0]:
            return start in known[1]
        return any(word.startswith(start) for word in self.vocabulary)

    def know_starts(self, asked: Container[str], found: Container[str]) -> None:
        """Take over which of the beginnings *asked* were *found*, where all were looked for at once."""
        self.__dict__["_starts"] = asked, found

    def labelled(self, topics: Iterable[str]) -> Document:
        """Return this document with these topics; the folded texts are shared."""
        document = object.__new__(Document)
        # what was worked out already hangs on the instance: it goes along
        document.__dict__.update(self.__dict__, topics=frozenset(topics))
        return document

    @property
    def published(self) -> datetime | None:
        """Claimed by the publisher, else when it says it was updated; None if it says neither."""
        return self.entry.published or self.entry.updated

    @cached_property
    def authors(self) -> tuple[str, ...]:
        """Names and addresses."""
        return tuple(text for person in self.entry.authors for text in (person.name, person.email) if text)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Terms and labels as published."""
        given = [text for one in self.entry.categories for text in dict.fromkeys((one.term, one.label))]
        return tuple(text for text in given if text)

    @cached_property
    def language(self) -> str:
        """BCP 47 tag, lower case; "" if unknown."""
        return _language(self.entry, self.source).lower()

    @property
    def sources(self) -> frozenset[str]:
        """Slug and names of the source, as source_key() writes them."""
        return _names(self.source, self.slug)

    @property
    def tags(self) -> frozenset[str]:
        """The tags of the source."""
        return _folded(self.source.tags)

    @cached_property
    def has(self) -> frozenset[str]:
        """What ``has:`` finds."""
        return frozenset(_parts(self.entry))

    @cached_property
    def types(self) -> frozenset[str]:
        """Media types of the enclosures, lower case, and the words ``type:`` knows."""
        return frozenset(_types(self.entry))

    @property
    def link(self) -> str:
        """Where the article is; "" if that is unknown."""
        return self.entry.link or ""

    @cached_property
    def site(self) -> str:
        """The host of the link, as host_key() writes it."""
        return host_key(_host(self.link))

    @cached_property
    def plain(self) -> tuple[str, str]:
        """Summary and content without markup."""
        return plain_text(self.entry.summary), plain_text(self.entry.content)

    @cached_property
    def joined(self) -> str:
        """All plain texts in one, to look for many patterns at once."""
        return "\n".join(text for name in (*TEXT_FIELDS, "text", "url") for text in self.texts_of(name))


def document_of(
    article: Article | Admission,
    source: Source | SourceCard,
    slug: str | None = None,
    topics: Collection[str] = (),
) -> Document:
    """Return what queries can ask of an article.

    Args:
        slug: the source's, where *source* does not carry it.
        topics: that label it already.
    """
    return Document(
        article.entry, source, topics, slug=slug, date=article.sort_date, is_picked=article.is_picked
    )


def document_of_item(item: Item) -> Document:
    """Return what queries can ask of an article in a feed."""
    return document_of(item.article, item.source, topics=item.article.topics)


def _language(entry: Entry, source: Source | SourceCard) -> str:
    """What was configured for the source wins; else a card mostly repeats what its document says."""
    if isinstance(source, SourceCard):
        return source.own_language or entry.language or source.language or ""
    return source.language or entry.language or ""


def _names(source: Source | SourceCard, slug: str | None) -> frozenset[str]:
    """What ``source:`` may call it: slug, id and name; the host where it has neither of the last two."""
    given: tuple[str | None, ...]
    if isinstance(source, SourceCard):
        given = (source.slug, *(source.names or (source.name,)))
    else:
        given = (slug, source.id, source.name or (None if source.id else _host(source.url)))
    return _source_keys(given)


#: the articles of a document ask one after the other for what is their source's
@lru_cache(maxsize=256)
def _source_keys(names: tuple[str | None, ...]) -> frozenset[str]:
    return frozenset(source_key(name) for name in names if name)


@lru_cache(maxsize=256)
def _folded(tags: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold, tags))


def _host(link: str | None) -> str:
    try:
        return ((urlsplit(link).hostname or "") if link else "").removeprefix("www.")
    except ValueError:
        return ""


def _parts(entry: Entry) -> Iterable[str]:
    """What the entry has, in the words of ``has:``."""
    facts = {
        "author": entry.authors,
        "category": entry.categories,
        "comments": entry.comments,
        "content": entry.content,
        "date": entry.published or entry.updated,
        "enclosure": entry.enclosures,
        "image": entry.image,
        "language": entry.language,
        "link": entry.link,
        "summary": entry.summary,
        "title": entry.title,
    }
    yield from (name for name, value in facts.items() if value)
    for enclosure in entry.enclosures:
        yield (enclosure.type or "").lower().partition("/")[0]


def _types(entry: Entry) -> Iterable[str]:
    """Media types, and the words for what the entry is."""
    found = {
        enclosure.type.lower().partition(";")[0].strip() for enclosure in entry.enclosures if enclosure.type
    }
    families = {name.partition("/")[0] for name in found}
    yield from found | families
    if entry.podcast is not None or "audio" in families:
        yield "podcast"
    elif "video" not in families:
        yield "article"
