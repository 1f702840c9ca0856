"""What a configuration would change, without changing it: a loaded file flows in, a Plan flows out.

The configuration is really put in force, in a transaction that is then taken back; stored
articles are judged by the same functions that judge them when it is applied. So the plan and
what applying does cannot differ.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.config.file import Loaded
from aggregator.curate.held import admission_of
from aggregator.curate.topics import compile_rules, place
from aggregator.model import Article, Configuration, Feed, FeedHead, Source, SourceState, Topic
from aggregator.model.plan import Entering, FeedPlan, IssuePlan, Plan
from aggregator.pipeline.apply import BATCH, without_opted_out
from aggregator.pipeline.issuing import preview_issues
from aggregator.store.articles.listing import list_articles
from aggregator.store.configurations import Applied, apply_configuration, load_applied, load_opt_out
from aggregator.store.engine import Engine, reading, writing
from aggregator.store.feeds.configured import former_addresses
from aggregator.store.feeds.heads import list_feeds
from aggregator.store.feeds.items import count_items, placements_of
from aggregator.store.sources.cards import load_cards, load_settings
from aggregator.store.sources.states import list_states

Address = tuple[str, str]
#: entries named of each feed
NAMED = 20


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
    tried = _try(engine, allowed, loaded.digest, before, now)
    was = in_force.configuration if in_force else Configuration()
    new = allowed.published
    follows = _follows(was.published, new)
    old = {follows.get(address, address): one for address, one in was.published.items()}
    feeds, judged = _judge(engine, allowed, _judged_again(tried, new), tried, follows, named, progress)
    gone = [one for one in old if one not in new or _turns(old[one], new[one])]
    feeds += _emptied(engine, gone, {at: address for address, at in follows.items()})
    stays = [state for state in before.values() if tried.keeps(state)]
    return Plan(
        is_new=True,
        sources_added=tried.applied.added,
        sources_removed=tried.applied.removed,
        sources_renamed=tuple(_changed(stays, tried, lambda source: source.name or "")),
        sources_moved=tuple(_changed(stays, tried, lambda source: source.url)),
        added=tuple(address for address in new if address not in old),
        removed=tuple(address for address in old if address not in new),
        renamed=tuple(_renamed(old, new)),
        moved=tuple(_moved(old, new)),
        followed=tuple((kind, slug, at) for (kind, slug), (_, at) in follows.items()),
        feeds=tuple(plan for plan in feeds if plan.enters or plan.leaves),
        issues=tuple(_issues(engine, was, allowed, tried, named, now)),
        judged=judged,
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    """What was found while a configuration was in force for a moment."""

    applied: Applied
    #: of the sources, by their ids
    settings: Mapping[int, Source]
    slugs: Mapping[int, str]
    #: publishers want otherwise than before
    opts_out: bool
    #: the time-shaped feeds
    timed: tuple[FeedHead, ...]

    def keeps(self, state: SourceState) -> bool:
        """Tell whether the source is in force before and after."""
        return state.is_configured and self.slugs[state.source_id] not in self.applied.removed


def _try(
    engine: Engine, configuration: Configuration, digest: str, ids: Collection[int], now: datetime
) -> _Tried:
    """Put a configuration in force for a moment; the transaction leaves no trace."""
    with writing(engine) as connection:
        before = load_opt_out(connection)
        applied = apply_configuration(
            connection, configuration, digest=digest, host=socket.gethostname(), now=now
        )
        slugs = {source_id: card.slug for source_id, card in load_cards(connection, ids).items()}
        settings, heads = load_settings(connection, ids), list_feeds(connection)
        connection.rollback()
    opts_out = before != configuration.opt_out
    return _Tried(applied, settings, slugs, opts_out, tuple(head for head in heads if head.timed))


def _issues(
    engine: Engine, old: Configuration, new: Configuration, tried: _Tried, named: int, now: datetime
) -> Iterator[IssuePlan]:
    """Yield what the issues of feeds that are new or answer other questions would tell."""
    stays = {feed.slug: feed for feed in old.feeds}
    if (old.topics, old.rules, old.site.timezone) != (new.topics, new.rules, new.site.timezone):
        stays = {}
    changed = {feed.slug for feed in new.feeds if stays.get(feed.slug) != feed}
    rules, zone = compile_rules(new), new.site.timezone
    with reading(engine) as connection:
        for head in tried.timed:
            if head.slug not in changed:
                continue
            for at, chosen in preview_issues(connection, head, rules, zone, tried.settings, now):
                told = tuple(_entering(one.articles[0], one.entry.source.slug) for one in chosen[:named])
                yield IssuePlan(head.slug, at, len(chosen), told)


def _judged_again(tried: _Tried, new: Collection[Address]) -> list[Address]:
    """Return the feeds whose articles are judged again, in the order in which they are told."""
    changed = {*tried.applied.feeds_changed} & {*new}
    if tried.opts_out:  # what publishers want out leaves every feed
        changed |= {*new} | {("source", slug) for slug in tried.slugs.values()}
    return sorted(changed, key=_place_of)


def _turns(old: Topic | Feed, new: Topic | Feed) -> bool:
    """Tell whether a feed turns from a stream into issues: it begins anew then."""
    return isinstance(new, Feed) and isinstance(old, Feed) and bool(new.timed) and not old.timed


def _place_of(address: Address) -> tuple[bool, bool, str]:
    """Topics first, then feeds, then sources, each by name."""
    kind, slug = address
    return kind != "topic", kind == "source", slug


def _changed(
    states: Iterable[SourceState], tried: _Tried, ask: Callable[[Source], str]
) -> Iterator[tuple[str, str, str]]:
    """Yield slug, old and new of the sources that answer otherwise."""
    for state in states:
        was, is_now = ask(state.source), ask(tried.settings[state.source_id])
        if was != is_now:
            yield tried.slugs[state.source_id], was, is_now


def _renamed(
    old: Mapping[Address, Topic | Feed], new: Mapping[Address, Topic | Feed]
) -> Iterator[tuple[str, str, str, str]]:
    for address, was in old.items():
        if address in new and was.title != new[address].title:
            yield *address, was.title, new[address].title


def _follows(
    old: Mapping[Address, Topic | Feed], new: Mapping[Address, Topic | Feed]
) -> dict[Address, Address]:
    """Return by their old address the feeds that an alias of a new one makes the same."""
    found: dict[Address, Address] = {}
    for address in (one for one in new if one not in old):
        for former in former_addresses(address[0], new[address]):
            if former in old and former not in new and former not in found:
                found[former] = address
                break
    return found


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
    tried: _Tried,
    follows: Mapping[Address, Address],
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
            page = list_articles(connection, after_id=last, limit=BATCH)
            stand = placements_of(connection, [article.id for article in page])
        if not page:
            return list(plans.values()), judged
        for article in page:
            # an article of a source that came meanwhile is judged when it is applied
            if article.source_id in tried.settings:
                source, slug = tried.settings[article.source_id], tried.slugs[article.source_id]
                placed = place(admission_of(article), rules, source, slug)
                wanted = {(target.kind, target.slug) for target in placed.targets}
                stands = {follows.get(address, address) for address in stand.get(article.id, ())}
                _compare(plans, article, slug, stands, wanted, named)
        last, judged = page[-1].id, judged + len(page)
        if progress:
            progress(judged)


def _compare(
    plans: dict[Address, FeedPlan],
    article: Article,
    source: str,
    stands: set[Address],
    wanted: set[Address],
    named: int,
) -> None:
    one = _entering(article, source)
    for address in (wanted - stands) & plans.keys():
        plan = plans[address]
        entering = _newest((*plan.entering, one), named)
        plans[address] = replace(plan, enters=plan.enters + 1, entering=entering)
    for address in (stands - wanted) & plans.keys():
        plan = plans[address]
        leaving = _newest((*plan.leaving, one), named)
        plans[address] = replace(plan, leaves=plan.leaves + 1, leaving=leaving)


def _entering(article: Article, source: str) -> Entering:
    return Entering(article.id, article.entry.title, source, article.sort_date)


def _newest(listed: tuple[Entering, ...], count: int) -> tuple[Entering, ...]:
    return tuple(sorted(listed, key=lambda each: (each.sort_date, each.article_id), reverse=True)[:count])


def _emptied(engine: Engine, gone: Iterable[Address], stored_at: Mapping[Address, Address]) -> list[FeedPlan]:
    with reading(engine) as connection:
        return [FeedPlan(*one, leaves=count_items(connection, *stored_at.get(one, one))) for one in gone]
