"""What people decide about single articles by hand, and held articles that go out when their time comes.

In: an article and a wish. Out: the same article in another state, placed by the rules in force, and
a mark that says who wished what when. Nothing is lost: every wish can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from aggregator.curate.held import admission_of, released
from aggregator.curate.opt_out import BACK
from aggregator.curate.topics import compile_rules, place
from aggregator.errors import AggregatorError, NotFound
from aggregator.model import (
    Admission,
    Article,
    ArticleState,
    Category,
    Configuration,
    Entry,
    Person,
)
from aggregator.parse.identity import identify
from aggregator.query.text import markup_tokens
from aggregator.store.articles.decisions import Decision, decide
from aggregator.store.articles.events import note_events
from aggregator.store.articles.listing import due_articles, find_by_address
from aggregator.store.articles.marks import Before, Mark, add_mark, before_of, end_mark, marks_of
from aggregator.store.articles.recall import find_article
from aggregator.store.configurations import lock_configuration
from aggregator.store.engine import Connection, Engine, writing
from aggregator.store.sources.cards import load_cards, load_settings
from aggregator.store.sources.desk import get_desk, new_id, post

#: held articles that go out in one transaction
BATCH = 100
#: characters of a note or a reason, and of who decides
LONGEST_WORDS, LONGEST_NAME = 1000, 100
LARGEST_ID = 2**63 - 1


class CannotDecide(AggregatorError):
    """The wish makes no sense for this article as it is; the message says why."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A hand-written article."""

    title: str
    #: plain text; an empty line begins a paragraph
    text: str = ""
    link: str | None = None
    categories: tuple[str, ...] = ()
    is_picked: bool = False


Change = Callable[[Admission, str], Admission]


def _state(state: ArticleState, reason: str) -> Change:
    return lambda admission, words: replace(
        admission, state=state, reason=f"{reason}{': ' if words else ''}{words}", release_at=None
    )


#: what each wish makes of an article; a note is kept apart from its placement
CHANGES: dict[str, Change] = {
    "pick": lambda admission, _: replace(admission, is_picked=True),
    "note": lambda admission, _: admission,
    "hide": _state(ArticleState.REJECTED, "hidden by hand"),
    "reject": _state(ArticleState.REJECTED, "rejected by hand"),
    "withdraw": _state(ArticleState.WITHDRAWN, "withdrawn by hand"),
    "release": lambda admission, _: released(admission),
}
_WAITING = (ArticleState.HELD, ArticleState.SILENT, ArticleState.REJECTED)


def mark_article(
    engine: Engine, address: str, kind: str, *, who: str, now: datetime, words: str = ""
) -> Article:
    """Carry out one wish about one article and return the article as it is now.

    Args:
        address: its id, its link, its published id or the address of its page.
        kind: a key of CHANGES.
        words: the note, or the reason; one line of plain text.

    Raises:
        NotFound: there is no such article.
        CannotDecide: it is so already, or cannot be.
    """
    words, who = _line(words, LONGEST_WORDS), _line(who, LONGEST_NAME) or "somebody"
    with writing(engine) as connection:
        configuration = lock_configuration(connection)
        article = get_article(connection, address)
        _check(article, kind, words)
        note = words if kind == "note" else article.note
        admission = CHANGES[kind](admission_of(article), words)
        before = before_of(article)
        add_mark(connection, article.id, kind, words=words, who=who, at=now, before=before)
        _decide(connection, configuration, [(article, admission, note)], now, is_news=kind != "note")
        return get_article(connection, str(article.id))


def undo(engine: Engine, address: str, *, who: str, now: datetime) -> Mark:
    """Take back the latest decision about an article that still stands, and return it.

    Raises:
        NotFound: there is no such article.
        CannotDecide: nothing was decided about it, or all was undone.
    """
    who = _line(who, LONGEST_NAME) or "somebody"
    with writing(engine) as connection:
        configuration = lock_configuration(connection)
        article = get_article(connection, address)
        standing = [mark for mark in marks_of(connection, article.id) if mark.undone_at is None]
        if not standing:
            raise CannotDecide(f"nothing decided by hand about article {article.id} can be undone")
        mark = standing[-1]
        end_mark(connection, mark, who, now)
        admission, note = _as_before(article, mark)
        _decide(connection, configuration, [(article, admission, note)], now, is_news=False)
        return mark


def post_article(engine: Engine, draft: Draft, *, who: str, now: datetime) -> Article:
    """Store and place a hand-written article; it stands in the feed of the desk and wherever it matches.

    Raises:
        CannotDecide: it has no title.
    """
    who = _line(who, LONGEST_NAME) or "somebody"
    with writing(engine) as connection:
        configuration = lock_configuration(connection)
        desk = get_desk(connection, configuration.site, now)
        entry = _written(draft, who, now)
        admission = Admission(
            source_id=desk.id,
            entry=entry,
            article_id=None,
            published_id=entry.id,
            first_seen=now,
            sort_date=now,
            is_picked=draft.is_picked,
        )
        placed = place(admission, compile_rules(configuration), desk.source, desk.slug)
        article_id = post(connection, desk, placed, now)
        before = Before(state=ArticleState.WITHDRAWN.value, reason="taken back by hand")
        add_mark(connection, article_id, "post", words="", who=who, at=now, before=before)
        return get_article(connection, str(article_id))


def release_due(engine: Engine, now: datetime) -> int:
    """Let held articles out whose time has come, in short transactions; return how many."""
    count = 0
    while True:
        with writing(engine) as connection:
            due = due_articles(connection, now, limit=BATCH)
            if not due:
                return count
            configuration = lock_configuration(connection)
            # on PostgreSQL somebody else may have decided while we waited for the lock
            due = due_articles(connection, now, limit=BATCH)
            changed = [(article, released(admission_of(article)), article.note) for article in due]
            for is_news in (True, False):
                some = [one for one in changed if (one[0].reason != BACK) == is_news]
                _decide(connection, configuration, some, now, is_news=is_news)
            told = {article.id: f"went out; held because {article.reason}" for article in due}
            note_events(connection, told, dict.fromkeys(told, now))
        count += len(due)


def get_article(connection: Connection, address: str) -> Article:
    """Return the article with this id, link, published id or page. Raises: NotFound."""
    text = address.strip()
    number = text.rstrip("/").rpartition("/articles/")[2] if "/articles/" in text else text
    if number.isascii() and number.isdigit() and int(number) <= LARGEST_ID:
        found = find_article(connection, int(number))
    else:
        found = None
    found = found or find_by_address(connection, text)
    if found is None:
        raise NotFound(f"no article has the id or address {address!r}; `aggregator search` finds some")
    return found


def _check(article: Article, kind: str, words: str) -> None:
    """Refuse what would change nothing or makes no sense."""
    state = article.state
    if kind == "pick" and article.is_picked:
        raise CannotDecide(f"article {article.id} is picked already")
    if kind == "note" and not words:
        raise CannotDecide("a note needs words; `undo` takes the last one away")
    if kind == "release" and state not in _WAITING:
        raise CannotDecide(f"article {article.id} is not held: it is {state}")
    if kind == "reject" and state is not ArticleState.HELD:
        raise CannotDecide(f"article {article.id} is not held: it is {state}; `hide` takes it out of feeds")
    if kind == "hide" and state in (ArticleState.REJECTED, ArticleState.WITHDRAWN):
        raise CannotDecide(f"article {article.id} is in no feed: it is {state}")
    if kind == "withdraw" and state is ArticleState.WITHDRAWN:
        raise CannotDecide(f"article {article.id} is withdrawn already")


def _as_before(article: Article, mark: Mark) -> tuple[Admission, str]:
    """Only what the undone wish changed goes back; later wishes of other kinds stay."""
    admission, before = admission_of(article), mark.before
    if mark.kind == "pick":
        return replace(admission, is_picked=before.is_picked), article.note
    if mark.kind == "note":
        return admission, before.note
    state = replace(
        admission, state=ArticleState(before.state), reason=before.reason, release_at=before.release_at
    )
    return state, article.note


def _decide(
    connection: Connection,
    configuration: Configuration,
    changed: Sequence[tuple[Article, Admission, str]],
    now: datetime,
    *,
    is_news: bool,
) -> None:
    rules = compile_rules(configuration)
    ids = {article.source_id for article, _, _ in changed}
    cards, settings = load_cards(connection, ids), load_settings(connection, ids)
    decisions = []
    for _, admission, note in changed:
        source, slug = settings[admission.source_id], cards[admission.source_id].slug
        decisions.append(Decision(place(admission, rules, source, slug), note, is_news))
    decide(connection, decisions, now)


def _written(draft: Draft, who: str, now: datetime) -> Entry:
    from aggregator.parse.html import sanitise  # a worker writes nothing itself

    title = _line(draft.title, LONGEST_WORDS)
    if not title:
        raise CannotDecide("a hand-written article needs a title")
    paragraphs = [" ".join(part.split()) for part in draft.text.split("\n\n")]
    content = "".join(f"<p>{escape(part, quote=False)}</p>" for part in paragraphs if part)
    (entry,) = identify(
        [
            Entry(
                id=new_id(),
                title=title,
                link=draft.link,
                authors=(Person(name=who),),
                published=now,
                content=sanitise(content, draft.link or ""),
                categories=tuple(Category(term=term) for term in draft.categories),
                words=len(markup_tokens(content)),
            )
        ]
    )
    return entry


def _line(text: str, longest: int) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:longest]
