"""Newsletters: who gets them, which editions there were, and which messages are still to be sent.

An edition and its messages are written in one transaction under a unique key, so it exists once
however many workers notice that its time has come. A message is claimed before it is sent and not
offered again while nobody knows what became of it: better once too seldom than twice.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from aggregator.model import FeedHead
from aggregator.model.json_values import clean
from aggregator.model.outgoing import Mailing, Subscriber
from aggregator.store.dialect import insert
from aggregator.store.outgoing.entered import entered_between
from aggregator.store.rows import value_of
from aggregator.store.tables import feeds, mailings, newsletter_editions, subscribers
from aggregator.store.types import AnyRow, Words

s, m, e = subscribers.c, mailings.c, newsletter_editions.c
#: somebody is asked at most so often, and so many in that time
ASK_AGAIN, MOST_ASKED = timedelta(days=1), 10_000
#: the same of one mailbox, whose owner may have any number of names in it (ann+news, a.nn)
MOST_OF_MAILBOX = 3
#: who did not answer is forgotten after this, and what was sent
KEPT = timedelta(days=30)
#: an edition that is so late is not sent any more: nobody wants the morning paper at night
LATEST = timedelta(hours=12)
#: a message that could not be handed over is tried again after these seconds
RETRY_S = (60, 300, 1800, 7200)
#: clocks of several machines may differ by this much
SLACK = timedelta(minutes=5)


def ask_to_subscribe(connection: Connection, newsletter: str, address: str, now: datetime) -> bool:
    """Note that somebody wants *newsletter*: a message will ask the address; False if too many were asked.

    An address that is subscribed, or was asked within a day, is not asked again; nor is its mailbox
    asked under ever new names.
    """
    # who was asked in the future was asked by a clock that was wrong
    since, until = now - ASK_AGAIN, now + SLACK
    asked = select(func.count()).where(s.state == "asked", s.asked_at > since, s.asked_at <= until)
    if (connection.scalar(asked) or 0) >= MOST_ASKED:
        return False
    of_mailbox = asked.where(s.newsletter == newsletter, _is_of_mailbox(address))
    if (connection.scalar(of_mailbox) or 0) >= MOST_OF_MAILBOX:
        return True
    row = _row(connection, newsletter, address, "asked", now)
    if row.state == "subscribed" or (row.asked_at and since < row.asked_at <= until):
        return True
    change = update(subscribers).where(s.id == row.id)
    connection.execute(change.values(state="asked", asked_at=now, changed_at=now, reason=""))
    _write_mailings(connection, None, [row.id], now)
    return True


def find_subscriber(connection: Connection, newsletter: str, token: str) -> Subscriber | None:
    """Return whom a link was made for; None if nobody."""
    row = connection.execute(
        select(subscribers).where(s.newsletter == newsletter, s.token == token)
    ).one_or_none()
    return value_of(Subscriber, row) if row else None


def list_subscribers(connection: Connection, newsletter: str | None = None) -> tuple[Subscriber, ...]:
    """Return who gets a newsletter, did or might; None for all newsletters."""
    query = select(subscribers).order_by(s.newsletter, s.id)
    rows = connection.execute(query.where(s.newsletter == newsletter) if newsletter else query)
    return tuple(value_of(Subscriber, row) for row in rows)


def set_state(
    connection: Connection, newsletter: str, token: str, state: str, now: datetime, reason: str = ""
) -> bool:
    """Give the subscriber with *token* another state; False if there is none."""
    change = update(subscribers).where(s.newsletter == newsletter, s.token == token)
    return bool(connection.execute(change.values(state=state, changed_at=now, reason=reason)).rowcount)


def forget_old_mail(connection: Connection, now: datetime) -> None:
    """Forget who never answered, and the messages of long ago."""
    connection.execute(delete(subscribers).where(s.state == "asked", s.asked_at < now - KEPT))
    editions = select(e.id).where(e.due_at < now - KEPT)
    people = select(s.id).where(s.asked_at < now - KEPT)
    is_old = or_(m.edition_id.in_(editions), m.edition_id.is_(None) & m.subscriber_id.in_(people))
    connection.execute(delete(mailings).where(is_old))


def bounce_address(connection: Connection, address: str, now: datetime, reason: str) -> int:
    """Take an address that cannot be reached off every newsletter; return how many it was on."""
    is_it = func.lower(s.address, type_=Words) == address.lower()
    change = update(subscribers).where(is_it, s.state == "subscribed")
    return int(connection.execute(change.values(state="bounced", changed_at=now, reason=reason)).rowcount)


def begin_edition(
    connection: Connection,
    newsletter: str,
    head: FeedHead,
    recipients: Iterable[str],
    due_at: datetime,
    now: datetime,
) -> bool:
    """Make the edition that was due at *due_at* and its messages; False if there is one, or nothing to say.

    The first time a newsletter is seen, only the place where its next edition begins is noted. One that
    is late is left out, and the next has its news.
    """
    if has_edition(connection, newsletter, due_at, now):
        return False
    # by numbers, not by time: an edition that a wrong clock made has told its articles, too
    told = connection.scalar(select(func.max(e.until)).where(e.newsletter == newsletter))
    entered = connection.scalar(select(feeds.c.last_entered).where(feeds.c.id == head.id)) or 0
    since = entered if told is None else told
    until = since if now - due_at >= LATEST else entered
    values = {"newsletter": newsletter, "due_at": due_at, "since": since, "until": until}
    made = insert(connection, newsletter_editions).values(values).on_conflict_do_nothing().returning(e.id)
    edition = connection.scalar(made)
    if edition is None or since == until or not entered_between(connection, head, since, until, 1):
        return False
    for address in recipients:
        _row(connection, newsletter, address, "subscribed", now)
    wanted = select(s.id).where(s.newsletter == newsletter, s.state == "subscribed").order_by(s.id)
    _write_mailings(connection, edition, connection.scalars(wanted).all(), now)
    return True


def has_edition(connection: Connection, newsletter: str, due_at: datetime, now: datetime) -> bool:
    """Tell whether the edition of that time, or a later one, was made.

    One of the future was made by a clock that was wrong: it stands in the way of none.
    """
    is_made = e.due_at.between(due_at, now + SLACK)
    query = select(e.id).where(e.newsletter == newsletter, is_made).limit(1)
    return connection.scalar(query) is not None


def claim_mailings(
    connection: Connection, now: datetime, newsletters: Collection[str], limit: int
) -> tuple[Mailing, ...]:
    """Claim messages of *newsletters* to send now; each is offered to one worker, once."""
    query = (
        select(m.id, m.tries, s.newsletter, s.address, s.token, e.due_at, e.since, e.until)
        .select_from(mailings.join(subscribers).outerjoin(newsletter_editions))
        .where(m.state == "waiting", m.due_at <= now)
        .where(s.newsletter.in_(newsletters))
        .where(or_(m.edition_id.is_(None), and_(s.state == "subscribed", e.due_at > now - LATEST)))
        .order_by(m.due_at, m.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=mailings)
    )
    rows = connection.execute(query).all()
    if rows:
        claim = update(mailings).where(m.id.in_([row.id for row in rows]))
        connection.execute(claim.values(state="sending", tries=m.tries + 1))
    return tuple(value_of(Mailing, row, since=row.since or 0, until=row.until or 0) for row in rows)


def note_sent(connection: Connection, mailing: Mailing) -> None:
    """Note that a message was handed over."""
    connection.execute(
        update(mailings).where(m.id == mailing.id).values(state="sent", due_at=None, reason="")
    )


def note_bounced(connection: Connection, mailing: Mailing, reason: str, now: datetime) -> None:
    """Note that the address does not exist or refuses us: it gets nothing any more."""
    change = update(mailings).where(m.id == mailing.id)
    connection.execute(change.values(state="failed", due_at=None, reason=reason))
    set_state(connection, mailing.newsletter, mailing.token, "bounced", now, reason)


def note_failed(connection: Connection, mailing: Mailing, reason: str, now: datetime) -> None:
    """Note that the mail server could not take a message; it is tried again, later and later."""
    change = update(mailings).where(m.id == mailing.id)
    if mailing.tries >= len(RETRY_S):
        connection.execute(change.values(state="failed", due_at=None, reason=reason))
    else:
        again = now + timedelta(seconds=RETRY_S[mailing.tries])
        connection.execute(change.values(state="waiting", due_at=again, reason=reason))


def _is_of_mailbox(address: str) -> ColumnElement[bool]:
    """Return the condition that a subscriber's address reaches the same mailbox as *address*, perhaps."""
    name, _, host = address.lower().replace(".", "").rpartition("@")
    name = name.partition("+")[0]
    known = func.replace(func.lower(s.address), ".", "", type_=Words)
    tagged = known.startswith(f"{name}+", autoescape=True) & known.endswith(f"@{host}", autoescape=True)
    return (known == f"{name}@{host}") | tagged


def _row(connection: Connection, newsletter: str, address: str, state: str, now: datetime) -> AnyRow:
    """Return the row of an address, made with *state* if there is none."""
    address = clean(address)
    key = hashlib.blake2b(f"{newsletter}\n{address.casefold()}".encode(), digest_size=12).digest()
    values = {
        "newsletter": newsletter,
        "address": address,
        "identity": key,
        "token": secrets.token_urlsafe(24),
        "state": state,
        "reason": "",
        "changed_at": now,
    }
    connection.execute(insert(connection, subscribers).values(values).on_conflict_do_nothing())
    return connection.execute(select(subscribers).where(s.identity == key)).one()


def _write_mailings(
    connection: Connection, edition: int | None, people: Iterable[int], now: datetime
) -> None:
    new = {"edition_id": edition, "state": "waiting", "due_at": now, "tries": 0, "reason": ""}
    rows = [{"subscriber_id": one, **new} for one in people]
    if rows:
        connection.execute(mailings.insert(), rows)
