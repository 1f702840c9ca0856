"""Where an article belongs: a configuration becomes Rules, and Rules place articles, with reasons.

Topics label articles first, those that refer to other topics after them; then feeds are
judged, which see the labels. Every article that is out is also in the feed of its source.
No clock is read: an ``age:`` is judged when the feed is arranged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from aggregator.curate.opt_out import OptOut, compile_opt_out
from aggregator.model import (
    Admission,
    Article,
    ArticleState,
    Configuration,
    Placed,
    Source,
    SourceCard,
    Target,
)
from aggregator.query.document import document_of
from aggregator.query.glossary import Glossary, compile_glossary, named_topics
from aggregator.query.nodes import Label, Node, Or, walk
from aggregator.query.parse import parse_query
from aggregator.query.rulebook import Rulebook, compile_rulebook
from aggregator.query.terms import required_terms


@dataclass(frozen=True, slots=True)
class Rules:
    """Every topic and feed of one configuration, ready to judge articles."""

    #: topics in levels, then feeds
    book: Rulebook
    #: what the names in queries stand for
    glossary: Glossary
    #: who wants no part in it
    opt_out: OptOut = field(default_factory=OptOut)
    #: slugs of feeds that articles enter in issues, at set times, never when they come
    timed: frozenset[str] = frozenset()


def compile_rules(configuration: Configuration) -> Rules:
    """Return the rules of a valid configuration.

    Raises: QueryError when a query cannot be read, which a checked configuration rules out.
    """
    glossary = compile_glossary(configuration)
    topics = [(topic.slug, glossary.expand(parse_query(topic.query))) for topic in configuration.topics]
    feeds = [(feed.slug, glossary.expand(parse_query(feed.query))) for feed in configuration.feeds]
    book = compile_rulebook(_levels(topics), feeds)
    timed = frozenset(feed.slug for feed in configuration.feeds if feed.timed)
    return Rules(book, glossary, compile_opt_out(configuration.opt_out), timed)


def required_words(configuration: Configuration, rules: Collection[tuple[str, str]]) -> Node | None:
    """Return what every article meets which one of these *rules* takes (terms.py); None: any article may be.

    Args:
        rules: (kind, slug) of topics and feeds; those that the configuration lacks take nothing.
    """
    glossary = compile_glossary(configuration, spells_out=True)
    queries = [topic.query for topic in configuration.topics if ("topic", topic.slug) in rules]
    queries += [feed.query for feed in configuration.feeds if ("feed", feed.slug) in rules]
    known = [required_terms(glossary.expand(parse_query(query))) for query in queries]
    terms = tuple(one for one in known if one is not None)
    return Or(terms) if len(terms) == len(known) else None


def place(admission: Admission, rules: Rules, source: Source | SourceCard, slug: str) -> Placed:
    """Return the admission with its topics and, when it is out, the feeds it belongs in.

    Args:
        slug: the source's.
    """
    labels, feeds = rules.book.matches(document_of(admission, source, slug))
    topics = tuple(sorted(labels))
    becomes = rules.opt_out.decide(admission.state, admission.reason, admission.entry.link, source.url)
    if becomes is not None:
        state, reason = becomes
        release_at = None if state is ArticleState.OUT else admission.release_at
        admission = replace(admission, state=state, reason=reason, release_at=release_at)
    if admission.state is not ArticleState.OUT:
        return Placed(admission, topics)
    targets = [_target("topic", topic, labels[topic]) for topic in topics]
    targets += [_target("feed", feed, reason) for feed, reason in feeds.items() if feed not in rules.timed]
    targets.append(_target("source", slug, f"source: {slug}"))
    return Placed(admission, topics, tuple(targets))


def feeds_for(article: Article, rules: Rules, source: Source | SourceCard, slug: str) -> Mapping[str, str]:
    """Return slug -> why of every feed whose query a stored article answers, those of set times too."""
    return rules.book.matches(document_of(article, source, slug))[1]


#: most articles enter the same few feeds for the same few reasons
_target = lru_cache(maxsize=1024)(Target)


def _levels(topics: Sequence[tuple[str, Node]]) -> list[list[tuple[str, Node]]]:
    """Topics in levels, so that each comes after all it refers to."""
    slugs = [slug for slug, _ in topics]
    needs = {slug: _topics_in(query, slugs) - {slug} for slug, query in topics}
    levels: list[list[tuple[str, Node]]] = []
    left = list(topics)
    done: set[str] = set()
    while left:
        # a circle, which no valid configuration has, is cut rather than walked for ever
        level = [topic for topic in left if needs[topic[0]] <= done] or left
        levels.append(level)
        done.update(slug for slug, _ in level)
        left = [topic for topic in left if topic[0] not in done]
    return levels


def _topics_in(query: Node, slugs: Sequence[str]) -> set[str]:
    """The topics that an expanded *query* asks for."""
    labels = (node for node in walk(query) if isinstance(node, Label))
    return {slug for label in labels for slug in named_topics(label, slugs)}
