"""The tables, as the newest migration leaves them (a test keeps the two equal), one module for each noun.

Rows flow through the rooms beside this one; nothing else in the project knows a column.
URLs and ids of publishers have any length, so indexes hold their hashes instead. An index of some
rows says so for SQLite alone, though it is one on PostgreSQL, too: naming that here would import all
its drivers, two megabytes.
"""

from aggregator.store.tables.articles import articles, bodies, events, marks, tombstones, traces
from aggregator.store.tables.chores import counters, turns
from aggregator.store.tables.feeds import (
    archives,
    bylines,
    feeds,
    issues,
    placements,
    revisions,
    tokens,
    withdrawals,
)
from aggregator.store.tables.metadata import Id, metadata
from aggregator.store.tables.outgoing import (
    mailings,
    newsletter_editions,
    subscribers,
    webhook_calls,
    webhooks,
)
from aggregator.store.tables.pages import page_texts, robots
from aggregator.store.tables.push import (
    hub_requests,
    hub_subscriptions,
    hub_topics,
    inbox,
    push_offers,
    subscriptions,
)
from aggregator.store.tables.sources import (
    applied,
    hosts,
    ledger,
    problems,
    source_lists,
    source_slugs,
    sources,
)
from aggregator.store.tables.stories import ranks, stories, story_members, story_relations
