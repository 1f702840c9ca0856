"""Many queries judged at once: named queries in, for one document the names that match, with reasons.

Every query that can match only when one of a few words or labels is present waits under
those words; a document wakes just the queries under its own words, and those whose pattern
may occur in it. The others (negations and ranges alone) are judged always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from aggregator.query.document import Document
from aggregator.query.match import Matcher, compile_query
from aggregator.query.nodes import And, Label, Node, Or, Prefix, Regex, Words
from aggregator.query.regex import PatternSet

#: label fields whose values a document can list; url: is found anywhere in a text, it cannot
_LISTED = ("source", "tag", "topic", "has", "type", "site", "lang")
#: how often a key wakes a query in vain, beside a rare word: a few tags and languages are everywhere
_COSTS = {"topic": 3, "source": 10, "author": 1, "category": 2, "site": 10, "tag": 50, "lang": 100}


#: words and beginnings that are looked for one by one, which spares taking apart what a document says
FEW = 24
#: words of which a rulebook remembers what they wake
_REMEMBERED_WORDS = 50_000
#: the queries that wait under each key, or beginning of a word
_Waiting = Mapping[str, tuple[int, ...]]
#: queries and the beginnings of words they wait for; () for nothing
_Woken = tuple[tuple[int, ...], tuple[str, ...]] | tuple[()]


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys of which a matching document has at least one."""

    #: folded words, "field:value" for labels and for words of author and category, "/pattern"
    whole: frozenset[str] = frozenset()
    #: beginnings of words in title or text
    starts: frozenset[str] = frozenset()

    def cost(self) -> int:
        return sum(map(_cost, self.whole)) + 3 * len(self.starts)


def _cost(key: str) -> int:
    if key.startswith("/"):
        return 20
    return _COSTS.get(key.partition(":")[0], 100) if ":" in key else 1


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Compiled queries under the keys that wake them; made by compile_rulebook().

    Queries stand in levels, by index: those of one level may ask for the labels
    that the levels before it give. The queries of the last level give none.
    """

    names: tuple[str, ...]
    matchers: tuple[Matcher, ...]
    levels: tuple[range, ...]
    #: indexes of queries that are judged always
    always: tuple[int, ...]
    by_key: _Waiting = field(repr=False)
    by_start: _Waiting = field(repr=False)
    #: lengths of the beginnings, ascending
    start_sizes: tuple[int, ...]
    patterns: PatternSet
    #: some key is a label, or a word of author or category
    has_labels: bool
    #: words and beginnings with a blank before, words with one behind, and what waits under them; None: many
    few: tuple[tuple[str, tuple[int, ...]], ...] | None
    #: what each word wakes, as far as asked: the same words come again and again
    _woken: dict[str, _Woken] = field(default_factory=dict, repr=False, compare=False)

    def matches(self, document: Document) -> tuple[dict[str, str], dict[str, str]]:
        """Return the topics that label the document, and the names of the last level; each with its reason.

        Sorted by level, then as given. No clock is read: an ``age:`` is taken to hold.
        """
        labels: dict[str, str] = {}
        document = document.labelled(()) if document.topics else document
        awake = self._awake(document)
        for level in self.levels[:-1]:
            found = self._judge(level, awake, document)
            if found:
                labels |= found
                document = document.labelled(labels)
                for name in found:
                    awake.update(self.by_key.get(f"topic:{name}", ()))
        return labels, self._judge(self.levels[-1], awake, document)

    def _judge(self, level: range, awake: set[int], document: Document) -> dict[str, str]:
        found = {}
        for index in sorted(awake.intersection(level)) if len(level) < len(awake) else sorted(awake):
            if index in level and (reason := self.matchers[index](document)) is not None:
                found[self.names[index]] = reason
        return found

    def _awake(self, document: Document) -> set[int]:
        awake = set(self.always)
        look_up = self._wake_by_words if self.few is None else self._wake_by_few
        document.know_starts(self.by_start, look_up(document, awake))
        if self.has_labels:
            for key in self.by_key.keys() & _labels(document):
                awake.update(self.by_key[key])
        if self.patterns:
            for pattern in self.patterns.likely(document.joined):
                awake.update(self.by_key["/" + pattern])
        return awake

    def _wake_by_few(self, document: Document, awake: set[int]) -> set[str]:
        """Add the queries that wait under the document's words; return the beginnings that these have."""
        starts: set[str] = set()
        words = document.spaced if self.few else ""
        for sought, queries in self.few or ():
            if sought in words:
                awake.update(queries)
                if sought[-1] != " ":
                    starts.add(sought[1:])
        return starts

    def _wake_by_words(self, document: Document, awake: set[int]) -> set[str]:
        """Do the same word by word, however many are waited for."""
        starts: set[str] = set()
        known = self._woken
        for word in document.vocabulary:
            woken = known.get(word)
            if woken is None:
                if len(known) >= _REMEMBERED_WORDS:
                    known.clear()
                woken = known[word] = self._wakes(word)
            if woken:
                awake.update(woken[0])
                starts.update(woken[1])
        return starts

    def _wakes(self, word: str) -> _Woken:
        starts = tuple(start for size in self.start_sizes if (start := word[:size]) in self.by_start)
        queries = {index for start in starts for index in self.by_start[start]}
        queries.update(self.by_key.get(word, ()))
        return (tuple(queries), starts) if queries else ()


def compile_rulebook(
    topics: Sequence[Sequence[tuple[str, Node]]],
    others: Sequence[tuple[str, Node]],
) -> Rulebook:
    """Return the rulebook of named queries.

    Args:
        topics: in levels; ``topic:`` in a level sees the names that matched before it.
        others: see every topic that matched.

    Raises: QueryError when a rule set is unknown or leads back to itself.
    """
    queries = [query for level in (*topics, others) for query in level]
    always, by_key, by_start = _waiting(query for _, query in queries)
    return Rulebook(
        names=tuple(name for name, _ in queries),
        matchers=tuple(compile_query(query) for _, query in queries),
        levels=_ranges([len(level) for level in (*topics, others)]),
        always=always,
        by_key=by_key,
        by_start=by_start,
        start_sizes=tuple(sorted({len(start) for start in by_start})),
        patterns=PatternSet(key[1:] for key in by_key if key.startswith("/")),
        has_labels=any(":" in key for key in by_key),
        few=_few(by_key, by_start),
    )


def _waiting(nodes: Iterable[Node]) -> tuple[tuple[int, ...], _Waiting, _Waiting]:
    """Return the queries that every document wakes, and those that wait under keys, and under beginnings."""
    always: list[int] = []
    by_key: dict[str, list[int]] = {}
    by_start: dict[str, list[int]] = {}
    for index, node in enumerate(nodes):
        keys = _keys(node)
        if keys is None:
            always.append(index)
            continue
        for key in keys.whole:
            by_key.setdefault(key, []).append(index)
        for start in keys.starts:
            by_start.setdefault(start, []).append(index)
    whole = {key: tuple(found) for key, found in by_key.items()}
    return tuple(always), whole, {start: tuple(found) for start, found in by_start.items()}


def _few(by_key: _Waiting, by_start: _Waiting) -> tuple[tuple[str, tuple[int, ...]], ...] | None:
    """Return what waits under words and beginnings, as Rulebook.few has it."""
    words = {f" {key} ": found for key, found in by_key.items() if not key.startswith("/") and ":" not in key}
    sought = words | {f" {start}": found for start, found in by_start.items()}
    return tuple(sought.items()) if len(sought) <= FEW else None


def _ranges(sizes: Sequence[int]) -> tuple[range, ...]:
    ends = list(accumulate(sizes))
    return tuple(range(end - size, end) for size, end in zip(sizes, ends, strict=True))


def _keys(node: Node) -> _Keys | None:  # noqa: PLR0911 - one line per kind of node
    """Keys without which *node* cannot match; None when there are none."""
    match node:
        case Words(field=field, tokens=tokens):
            return _word_keys(field, max(tokens, key=len))
        case Prefix(field=field, before=before, start=start):
            if before:
                return _word_keys(field, max(before, key=len))
            return None if field in ("author", "category") else _Keys(starts=frozenset((start,)))
        case Regex(pattern=pattern):
            return _Keys(frozenset(("/" + pattern,)))
        case Label(field=field, value=value, is_prefix=False) if field in _LISTED:
            return _Keys(frozenset((f"{field}:{value}",)))
        case And(parts):
            return min((keys for keys in map(_keys, parts) if keys), key=_Keys.cost, default=None)
        case Or(parts):
            every = [_keys(part) for part in parts]
            some = [keys for keys in every if keys]
            if len(some) < len(every):
                return None
            return _Keys(
                frozenset().union(*(keys.whole for keys in some)),
                frozenset().union(*(keys.starts for keys in some)),
            )
    return None


def _word_keys(field: str, word: str) -> _Keys:
    return _Keys(frozenset((f"{field}:{word}" if field in ("author", "category") else word,)))


def _labels(document: Document) -> set[str]:
    labels = {f"source:{name}" for name in document.sources}
    labels.update(f"tag:{tag}" for tag in document.tags)
    labels.update(f"topic:{topic}" for topic in document.topics)
    labels.update(f"has:{part}" for part in document.has)
    labels.update(f"type:{name}" for name in document.types)
    labels.update(f"site:{host}" for host in _endings(document.site))
    labels.update(f"lang:{tag}" for tag in _beginnings(document.language))
    for name in ("author", "category"):
        labels.update(f"{name}:{word}" for word in document.text_of(name).vocabulary)
    return labels


def _endings(host: str) -> Iterable[str]:
    parts = host.split(".")
    return (".".join(parts[at:]) for at in range(len(parts)))


def _beginnings(language: str) -> Iterable[str]:
    parts = language.split("-")
    return ("-".join(parts[:at]) for at in range(1, len(parts) + 1))
