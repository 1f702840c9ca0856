"""take_in: admit, place and keep what a batch of polls brought, in one short transaction.

Finished polls flow in, what is new and changed flows out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.curate.topics import Rules, compile_rules
from aggregator.curate.unchanged import asked_entries, asked_hash
from aggregator.model import Configuration, ParsedFeed
from aggregator.pipeline.decision import Polled, decide, is_complete, is_telling
from aggregator.pipeline.review import review_polled
from aggregator.pipeline.telling import Teller
from aggregator.schedule.cadence import PRICE
from aggregator.store.articles.knowing import Listed, load_known
from aggregator.store.articles.saving import Saved, save
from aggregator.store.configurations import keep_in_force
from aggregator.store.engine import Engine, writing


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules of the applied configuration, which its digest tells from any other."""

    digest: str
    rules: Rules


def rules_in_force(digest: str, configuration: Configuration) -> RulesInForce:
    """Compile the rules of an applied configuration."""
    return RulesInForce(digest, compile_rules(configuration))


def take_in(
    engine: Engine,
    batch: Sequence[Polled],
    expected: RulesInForce,
    now: datetime,
    price: float = PRICE,
    teller: Teller | None = None,
) -> Saved:
    """Admit, place and keep what a batch of polls brought and tell its stories, in one transaction.

    A poll whose claim was lost to another worker meanwhile is left out.

    Args:
        expected: the rules believed in force; the ones really in force are used.
        price: of a request, for polls that we choose ourselves (schedule/cadence.py).
        teller: what this process remembers of the stories; None: read them for this batch.
    """
    with (teller or Teller()).or_forget() as telling, writing(engine) as connection:
        applied = keep_in_force(connection, expected.digest)
        rules = compile_rules(applied.configuration) if applied else expected.rules
        listed = {p.claim.source_id: _listed(p, p.parsed) for p in batch if p.parsed}
        stored = load_known(connection, listed, now)
        decided = [decide(p, stored.get(p.claim.source_id), rules, now, price) for p in batch]
        saved = save(connection, decided)
        telling.tell(connection, saved.arrived)
        review_polled(connection, {p.claim.source_id for p in batch if is_telling(p)}, now)
        return saved


def _listed(polled: Polled, parsed: ParsedFeed) -> Listed:
    return Listed(
        asked_entries(parsed),
        parsed.unchanged,
        is_complete(polled),
        asked_hash(parsed),
        asks_habit=polled.claim.source.gate.takeover == "hold",
    )
