"""Why an article is where it is: an article's address flows in, everything known about its way flows out.

In or out of every feed and topic and by which part of which query; shown or not and why; rewritten
by which rules; what brought it and what happened since. It only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aggregator.curate.arrange import rows_for, why_left_out
from aggregator.curate.copies import copy_of
from aggregator.curate.rewrite import Looks, looks_of, rewritten_by, with_full_text
from aggregator.model import Article, ArticleState, Configuration, Copy, FeedHead, Item, SourceCard
from aggregator.model.pages import PageState
from aggregator.pipeline.editing import get_article
from aggregator.query.document import Document, document_of
from aggregator.query.explain import Part, explain_query
from aggregator.query.parse import parse_query
from aggregator.store.articles.events import Event, events_of
from aggregator.store.articles.listing import list_twins
from aggregator.store.articles.marks import Mark, marks_of
from aggregator.store.articles.page_texts import find_page
from aggregator.store.engine import Connection
from aggregator.store.feeds.heads import find_feed, list_feeds
from aggregator.store.feeds.items import feeds_of, read_items
from aggregator.store.feeds.ranks import find_rank
from aggregator.store.sources.cards import load_cards, load_settings


@dataclass(frozen=True, slots=True)
class Verdict:
    """One feed or topic and the article."""

    kind: str
    slug: str
    title: str
    #: it has a place in the feed
    is_in: bool
    #: the feed shows it now
    is_shown: bool
    #: the parts of the query that decided, or what else did, a few words each
    because: tuple[str, ...]
    #: the query part by part; None for feeds of sources
    part: Part | None = None
    #: the copy that the feed shows in its stead; None if there is none
    instead: Copy | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything known about an article's way."""

    article: Article
    source: SourceCard
    #: feeds, then topics, then the source's own, each in file order
    verdicts: tuple[Verdict, ...]
    #: names of the rewrite rules that change it on its way out, in their order
    rewrites: tuple[str, ...]
    #: how it came, then what happened, oldest first
    history: tuple[Event, ...]
    marks: tuple[Mark, ...]
    #: how the text of its own page stands, one sentence; empty where none is wanted
    full_text: str = ""
    #: other articles with its link: id and slug of the source
    twins: tuple[tuple[int, str], ...] = ()


Reader = Callable[[FeedHead], Sequence[Item]]


def explain_article(
    connection: Connection,
    configuration: Configuration,
    address: str,
    looks: Looks | None = None,
    read: Reader | None = None,
) -> Explanation:
    """Explain the article with this id, link, published id or page.

    Args:
        looks: of *configuration*, where they are at hand.
        read: gives the articles that a feed may show, where they are kept at hand.

    Raises:
        NotFound: there is no such article.
    """
    looks = looks or looks_of(configuration)
    article = get_article(connection, address)
    card = load_cards(connection, [article.source_id])[article.source_id]
    marks = marks_of(connection, article.id)
    placed = {(kind, slug): why for kind, slug, why in feeds_of(connection, article.id)}
    read = read or (lambda head: read_items(connection, head, limit=rows_for(head)))
    document = _document(connection, article, card)
    case = _Case(connection, article, document, placed, looks, configuration.site.timezone, read)
    own = find_feed(connection, "source", card.slug)
    heads = [*list_feeds(connection), *([own] if own else [])]
    return Explanation(
        article=article,
        source=card,
        verdicts=tuple(_verdict(case, head) for head in heads),
        rewrites=tuple(rule.name or "a rule" for rule in rewritten_by(Item(article, card, 0), looks)),
        history=_history(connection, article, card, marks),
        marks=marks,
        full_text=_full_text(find_page(connection, article.id), Item(article, card, 0)),
        twins=list_twins(connection, article),
    )


def _full_text(page: PageState | None, item: Item) -> str:
    if page is None:
        return ""
    if page.fetched_at is None:
        tries = f" after {page.tries} {'try' if page.tries == 1 else 'tries'}" if page.tries else ""
        until = f"tried next at {page.due_at:%Y-%m-%d %H:%M} UTC" if page.due_at else "given up"
        return f"full text: {until}{tries}{': ' if page.reason else ''}{page.reason}"
    if not item.source.full_text:
        used = "not published: content of its source is no longer full-text"
    elif with_full_text(item) is item:
        used = "not published: the feed's own text says as much"
    else:
        used = "published"
    return f"full text: {page.words} words read from its page at {page.fetched_at:%Y-%m-%d %H:%M} UTC, {used}"


@dataclass(frozen=True, slots=True)
class _Case:
    """An article and what its verdicts are made of."""

    connection: Connection
    article: Article
    document: Document
    #: by (kind, slug) of the feeds it has a place in: the reason
    placed: Mapping[tuple[str, str], str]
    looks: Looks
    timezone: str
    read: Reader


def _document(connection: Connection, article: Article, card: SourceCard) -> Document:
    source = load_settings(connection, [article.source_id])[article.source_id]
    return document_of(article, source, card.slug, article.topics)


def _verdict(case: _Case, head: FeedHead) -> Verdict:
    article, looks = case.article, case.looks
    part = None
    if head.kind != "source":
        part = explain_query(looks.glossary.expand(parse_query(head.query)), case.document)
    why = case.placed.get((head.kind, head.slug))
    if why is None:
        left = _why_out(article, part) if head.timed is None else _why_in_no_issue(article, part)
        return Verdict(head.kind, head.slug, head.title, False, False, left, part)
    if head.timed is not None:
        return Verdict(head.kind, head.slug, head.title, True, True, (why,), part)
    left_out = why_left_out(head, case.read(head), article.id, case.timezone, glossary=looks.glossary)
    because: tuple[str, ...] = (why,) if left_out is None else (why, f"but not shown: {left_out.reason}")
    if head.order == "top" and (place := find_rank(case.connection, head.id, article.id)):
        because += (f"ranked {place[0]}: {place[1]}",)
    instead = copy_of(left_out.instead) if left_out and left_out.instead else None
    return Verdict(head.kind, head.slug, head.title, True, left_out is None, because, part, instead)


def _why_out(article: Article, part: Part | None) -> tuple[str, ...]:
    if article.state is not ArticleState.OUT:
        return (f"it is {article.state}: {article.reason or 'no reason was given'}",)
    if part is None:
        return ("its source is not published",)
    if part.is_met:
        return ("its rule was changed; stored articles are being judged by the new one",)
    return part.decisive()


def _why_in_no_issue(article: Article, part: Part | None) -> tuple[str, ...]:
    if article.state is ArticleState.OUT and part is not None and part.is_met:
        return ("it is in no issue: the next is still to come, or others were told instead",)
    return _why_out(article, part)


def _history(
    connection: Connection, article: Article, card: SourceCard, marks: tuple[Mark, ...]
) -> tuple[Event, ...]:
    # the first event may tell the state in which it came; else it stands there still
    happened = list(events_of(connection, article.id))
    is_posted = any(mark.kind == "post" for mark in marks)
    came = f"a poll of {card.slug} brought it" if not is_posted else "written by hand"
    if article.state in (ArticleState.HELD, ArticleState.SILENT) and not marks:
        came += f"; {article.state}: {article.reason}"
    for mark in marks:
        words = f": {mark.words}" if mark.words else ""
        happened.append(Event(mark.at, f"{mark.who}: {mark.kind}{words}"))
        if mark.undone_at is not None:
            happened.append(Event(mark.undone_at, f"{mark.undone_by}: undid {mark.kind} of {mark.who}"))
    happened.sort(key=lambda event: event.at)
    return (Event(article.first_seen, came), *happened)
