"""The hub command: who pushes to us, and to whom we push."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from aggregator.cli.context import Session
from aggregator.cli.terminal import counted, json_object, local_time, print_json, say
from aggregator.model.push import PushCounts
from aggregator.pipeline.status import push_as_json
from aggregator.store.push.pushview import view_pushes


@click.command()
@json_object
@click.pass_obj
def hub(session: Session, as_json: bool) -> None:
    """Say who pushes to us and to whom we push (WebSub): leases, renewals, failures."""
    with session.reading() as connection:
        view = view_pushes(connection, datetime.now(UTC))
    if as_json:
        print_json(push_as_json(view))
        return
    for line in view.subscriptions:
        say(f"{line.state:<8} {line.source}  from {line.hub}")
        word = "renewed" if line.state == "live" else "looked at again"
        lease = f"until {local_time(line.expires_at)}, " if line.expires_at else ""
        last = _last_delivery(line.delivered_at)
        say(f"         {lease}{word} {local_time(line.due_at)}; {last}")
        if line.reason:
            say(f"         {line.reason}")
    for topic in view.topics:
        say(f"{topic.subscribers:>8} to {topic.topic}")
        end = f"next lease ends {local_time(topic.next_end)}" if topic.next_end else "told without end"
        last = _last_delivery(topic.delivered_at)
        say(f"         {topic.waiting} waiting, {topic.failing} failing, {end}; {last}")
        if topic.reason:
            say(f"         a callback says: {topic.reason}")
    for sentence in sum_up(view.counts) or ["Nobody pushes to us, and nobody has subscribed at our hub."]:
        say(sentence)


def _last_delivery(at: datetime | None) -> str:
    return f"last delivery {local_time(at)}" if at else "nothing delivered yet"


def sum_up(counts: PushCounts) -> list[str]:
    """Return a sentence for each direction in which something is pushed."""
    said = []
    if any(counts.subscriptions.values()):
        states = ", ".join(f"{count} {state}" for state, count in counts.subscriptions.items() if count)
        renewal = f"; the next is renewed {local_time(counts.next_renewal)}" if counts.next_renewal else ""
        said.append(f"Pushed to us: subscriptions {states}{renewal}.")
    if counts.subscribers or counts.asked:
        end = f"; the next lease ends {local_time(counts.next_end)}" if counts.next_end else ""
        asked = f", {counts.asked} to be confirmed" if counts.asked else ""
        said.append(
            f"Pushed by us: {counted(counts.subscribers, 'subscriber')}, {counts.failing} failing, "
            f"{counted(counts.waiting, 'delivery')} waiting{asked}{end}."
        )
    return said
