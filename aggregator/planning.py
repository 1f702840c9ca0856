"""What a configuration would change, without changing it: a loaded file flows in, a Plan flows out.

The configuration is really put in force, in a transaction that is then taken back; stored
articles are judged by the same functions that judge them when it is applied. So the plan and
what applying does cannot differ.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.apply import BATCH, without_opted_out
from aggregator.config.load import Loaded
from aggregator.curate.topics import compile_rules, place_article
from aggregator.model import Article, Configuration, Feed, Source, SourceState, Topic
from aggregator.store.articles import iter_for_rules
from aggregator.store.configurations import Applied, apply_configuration, load_applied, load_opt_out
from aggregator.store.engine import Connection, Engine, reading, writing
from aggregator.store.placements import count_items, placements_of
from aggregator.store.sources import list_states, load_cards, load_settings

Address = tuple[str, str]
#: entries named of each feed
NAMED = 20


@dataclass(frozen=True, slots=True)
class Entering:
    """An article that would enter or leave a feed."""

    article_id: int
    title: str
    source: str
    sort_date: datetime


@dataclass(slots=True)
class FeedPlan:
    """What would happen to one feed or topic."""

    kind: str
    slug: str
    enters: int = 0
    leaves: int = 0
    #: the newest of them, newest first, at most as many as were asked for
    entering: list[Entering] = field(default_factory=list)
    leaving: list[Entering] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a configuration would change; all () when it is in force already."""

    is_new: bool
    #: slugs, or URLs of sources that have none yet
    sources_added: tuple[str, ...] = ()
    sources_removed: tuple[str, ...] = ()
    #: (slug, old name, new name)
    sources_renamed: tuple[tuple[str, str, str], ...] = ()
    #: (slug, old URL, new URL)
    sources_moved: tuple[tuple[str, str, str], ...] = ()
    #: (kind, slug) of topics and feeds
    added: tuple[Address, ...] = ()
    removed: tuple[Address, ...] = ()
    #: (kind, slug, old title, new title)
    renamed: tuple[tuple[str, str, str, str], ...] = ()
    #: (kind, old slug, new slug): one that goes and one that comes with the same query
    moved: tuple[tuple[str, str, str], ...] = ()
    #: feeds and topics that would gain or lose articles, topics first
    feeds: tuple[FeedPlan, ...] = ()
    #: stored articles that were judged
    judged: int = 0


class _TakenBack(Exception):
    """Ends the transaction of a trial."""


def make_plan(
    engine: Engine,
    loaded: Loaded,
    now: datetime,
    *,
    named: int = NAMED,
    progress: Callable[[int], None] | None = None,
) -> Plan:
    """Return what applying *loaded* would change; nothing is written.

    Args:
        named: how many entering and leaving articles of each feed are told by name.
        progress: called with the number of articles judged so far.
    """
    with reading(engine) as connection:
        in_force = load_applied(connection)
        if in_force is not None and in_force.digest == loaded.digest:
            return Plan(is_new=False)
        before = {state.source_id: state for state in list_states(connection)}
    allowed = without_opted_out(loaded.configuration)
    applied, settings, slugs, opts_out = _try(engine, allowed, loaded.digest, before, now)
    old = _published(in_force.configuration if in_force else Configuration())
    new = _published(allowed)
    changed = {*applied.feeds_changed}
    if opts_out:  # what publishers want out leaves every feed
        changed |= new.keys() | {("source", slug) for slug in slugs.values()}
    feeds, judged = _judge(engine, allowed, sorted(changed, key=_place_of), settings, slugs, named, progress)
    feeds += _emptied(engine, [address for address in old if address not in new])
    # what stays is in force before and after
    stays = [one for i, one in before.items() if one.is_configured and slugs[i] not in applied.removed]
    return Plan(
        is_new=True,
        sources_added=applied.added,
        sources_removed=applied.removed,
        sources_renamed=tuple(_changed(stays, settings, slugs, lambda source: source.name or "")),
        sources_moved=tuple(_changed(stays, settings, slugs, lambda source: source.url)),
        added=tuple(address for address in new if address not in old),
        removed=tuple(address for address in old if address not in new),
        renamed=tuple(_renamed(old, new)),
        moved=tuple(_moved(old, new)),
        feeds=tuple(plan for plan in feeds if plan.enters or plan.leaves),
        judged=judged,
    )


def _try(
    engine: Engine, configuration: Configuration, digest: str, ids: Collection[int], now: datetime
) -> tuple[Applied, Mapping[int, Source], Mapping[int, str], bool]:
    """Return what is applied, the sources' settings and slugs then, and whether publishers want otherwise."""
    with _trial(engine) as connection:
        before = load_opt_out(connection)
        applied = apply_configuration(
            connection, configuration, digest=digest, host=socket.gethostname(), now=now
        )
        slugs = {source_id: card.slug for source_id, card in load_cards(connection, ids).items()}
        return applied, load_settings(connection, ids), slugs, before != configuration.opt_out


@contextmanager
def _trial(engine: Engine) -> Iterator[Connection]:
    """A transaction that leaves no trace."""
    try:
        with writing(engine) as connection:
            yield connection
            raise _TakenBack
    except _TakenBack:
        pass


def _published(configuration: Configuration) -> dict[Address, Topic | Feed]:
    found: dict[Address, Topic | Feed] = {("topic", topic.slug): topic for topic in configuration.topics}
    return found | {("feed", feed.slug): feed for feed in configuration.feeds}


def _place_of(address: Address) -> tuple[bool, bool, str]:
    """Topics first, then feeds, then sources, each by name."""
    kind, slug = address
    return kind != "topic", kind == "source", slug


def _changed(
    states: Iterable[SourceState],
    settings: Mapping[int, Source],
    slugs: Mapping[int, str],
    ask: Callable[[Source], str],
) -> Iterator[tuple[str, str, str]]:
    """Yield slug, old and new of the sources that answer otherwise."""
    for state in states:
        was, is_now = ask(state.source), ask(settings[state.source_id])
        if was != is_now:
            yield slugs[state.source_id], was, is_now


def _renamed(
    old: Mapping[Address, Topic | Feed], new: Mapping[Address, Topic | Feed]
) -> Iterator[tuple[str, str, str, str]]:
    for address, was in old.items():
        if address in new and was.title != new[address].title:
            yield *address, was.title, new[address].title


def _moved(
    old: Mapping[Address, Topic | Feed], new: Mapping[Address, Topic | Feed]
) -> Iterator[tuple[str, str, str]]:
    left = [address for address in new if address not in old]
    for kind, slug in (address for address in old if address not in new):
        for address in left:
            if address[0] == kind and new[address].query == old[kind, slug].query:
                left.remove(address)
                yield kind, slug, address[1]
                break


def _judge(
    engine: Engine,
    configuration: Configuration,
    changed: Iterable[Address],
    settings: Mapping[int, Source],
    slugs: Mapping[int, str],
    named: int,
    progress: Callable[[int], None] | None,
) -> tuple[list[FeedPlan], int]:
    """Compare where articles stand with where they would, newest first named."""
    plans = {address: FeedPlan(*address) for address in changed}
    if not plans:
        return [], 0
    rules = compile_rules(configuration)
    last, judged = 0, 0
    while True:
        with reading(engine) as connection:
            page = iter_for_rules(connection, after_id=last, limit=BATCH)
            stand = placements_of(connection, [article.id for article in page])
        if not page:
            return list(plans.values()), judged
        for article in page:
            # an article of a source that came meanwhile is judged when it is applied
            if article.source_id in settings:
                source, slug = settings[article.source_id], slugs[article.source_id]
                placed = place_article(article, rules, source, slug)
                wanted = {(target.kind, target.slug) for target in placed.targets}
                _compare(plans, article, slug, stand.get(article.id, set()), wanted, named)
        last, judged = page[-1].id, judged + len(page)
        if progress:
            progress(judged)


def _compare(
    plans: Mapping[Address, FeedPlan],
    article: Article,
    source: str,
    stands: set[Address],
    wanted: set[Address],
    named: int,
) -> None:
    one = Entering(article.id, article.entry.title, source, article.sort_date)
    for address in (wanted - stands) & plans.keys():
        plans[address].enters += 1
        _name(plans[address].entering, one, named)
    for address in (stands - wanted) & plans.keys():
        plans[address].leaves += 1
        _name(plans[address].leaving, one, named)


def _name(listed: list[Entering], one: Entering, named: int) -> None:
    listed.append(one)
    listed.sort(key=lambda each: (each.sort_date, each.article_id), reverse=True)
    del listed[named:]


def _emptied(engine: Engine, gone: Iterable[Address]) -> list[FeedPlan]:
    with reading(engine) as connection:
        return [FeedPlan(*address, leaves=count_items(connection, *address)) for address in gone]
