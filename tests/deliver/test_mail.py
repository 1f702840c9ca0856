"""Messages are handed over to a real mail server: TLS, login, refusals."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.deliver.mail import _Conversation, hand_over, write_letter
from aggregator.model.outgoing import ADDRESS, Mail, Message
from tests.hostile.server import Hostile
from tests.mailserver import mail_server

CERTIFICATES = Path(__file__).parent.parent / "http" / "data"
MESSAGE = Message("News: the tide — turns\r\nBcc: x@y", "Plain wörds.\n", "<p>Rich wörds.</p>")
MAIL = Mail(host="127.0.0.1", security="none", sender="Gazette <paper@gazette.example>")


def letter(address, *, message=MESSAGE, leave="https://gazette.example/newsletters/daily/unsubscribe/abc"):
    return write_letter(
        MAIL,
        message,
        address,
        at=datetime(2026, 3, 1, 7, tzinfo=UTC),
        message_id="1@gazette.example",
        list_id="daily.gazette.example",
        unsubscribe_url=leave,
    )


def secure():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem")
    return context


def test_a_letter_has_both_kinds_of_text_and_can_be_left_with_one_click():
    with mail_server() as box:
        assert [
            one.outcome for one in hand_over(replace(MAIL, port=box.port), [letter("ann@a.example")])
        ] == ["ok"]
    (message,) = box.to("ann@a.example")
    assert message["List-Unsubscribe"] == "<https://gazette.example/newsletters/daily/unsubscribe/abc>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-ID"] == "<daily.gazette.example>"
    assert message["Message-ID"] == "<1@gazette.example>"
    assert message["Subject"] == "News: the tide — turns Bcc: x@y"
    assert message["Bcc"] is None
    assert message.get_body(("plain",)).get_content().strip() == "Plain wörds."
    assert message.get_body(("html",)).get_content().strip() == "<p>Rich wörds.</p>"


def test_a_headline_writes_no_header_fields():
    message = replace(MESSAGE, subject="=?utf-8?q?Tide=0D=0ABcc=3A_x@y.example=0D=0A=0D=0AHello?= \x00News")
    written = letter("ann@a.example", message=message).message.as_bytes()
    read = message_from_bytes(written, policy=policy.default)
    assert read["Bcc"] is None
    assert read["Subject"] == "= ?utf-8?q?Tide=0D=0ABcc=3A_x@y.example=0D=0A=0D=0AHello?= News"


@given(st.from_regex(ADDRESS, fullmatch=True))
def test_whoever_may_subscribe_can_be_written_to(address):
    written = letter(address).message
    assert b"Subject: " in written.as_bytes(policy=written.policy.clone(utf8=True))
    assert not address.isascii() or written["To"] == address


@pytest.mark.parametrize("name", ["=?utf-8?q?=0D=0ABcc=3Ax?=", "=?utf-8?q?[&!?=\U0001f600"])
def test_an_address_that_the_library_would_decode_is_none(name):
    """It wrote the line break of the first, and stumbled over the second and left all others unsent."""
    assert not ADDRESS.fullmatch(f"{name}@a.example")


@pytest.mark.parametrize("name", ["[", "a]b", "a\u202eb", "a\x01b"])
def test_an_address_with_brackets_or_what_cannot_be_seen_is_none(name):
    """The library wrote no recipient at all for the first."""
    assert not ADDRESS.fullmatch(f"{name}@a.example")


def test_the_address_to_leave_at_stands_as_it_is_however_long():
    leave = f"https://gazette.example/newsletters/{'daily' * 30}/unsubscribe/abc"
    assert (
        f"\r\nList-Unsubscribe: <{leave}>\r\n".encode()
        in letter("ann@a.example", leave=leave).message.as_bytes()
    )


def test_an_address_that_is_refused_for_good_bounced_and_a_busy_server_is_asked_again():
    with mail_server() as box:
        box.refused = {"gone@a.example": "550 5.1.1 no such user", "full@a.example": "452 4.2.2 mailbox full"}
        letters = [letter(f"{name}@a.example") for name in ("gone", "full", "ann")]
        done = hand_over(replace(MAIL, port=box.port), letters)
        box.busy = "451 try later"
        later = hand_over(replace(MAIL, port=box.port), [letter("ann@a.example")])
    assert [one.outcome for one in done] == ["bounced", "failed", "ok"]
    assert done[0].reason == "the address was refused: 550 5.1.1 no such user"
    assert later[0].outcome == "failed"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("550 no such user", "bounced"),
        ("551 user not local", "bounced"),
        ("550 5.1.1 unknown", "bounced"),
        ("550 5.4.1 recipient address rejected", "bounced"),
        ("554 5.2.1 mailbox disabled", "bounced"),
        ("554 5.7.1 relay access denied", "failed"),
        ("550 5.7.54 unable to relay recipient", "failed"),
        ("554 you send too much", "failed"),
        ("530 5.7.0 authentication required", "failed"),
        ("530 log in first", "failed"),
        ("503 need MAIL first", "failed"),
        ("550 5.3.0 out of order", "failed"),
    ],
)
def test_a_server_that_refuses_us_takes_nobody_off_the_list(said, outcome):
    with mail_server() as box:
        box.refused = {"ann@a.example": said}
        (done,) = hand_over(replace(MAIL, port=box.port), [letter("ann@a.example")])
    assert done.outcome == outcome


def test_an_address_in_letters_that_the_server_does_not_know_keeps_no_mail_from_others():
    with mail_server(all_letters=False) as box:
        letters = [letter(address) for address in ("ann@a.example", "jörg@a.example", "bob@a.example")]
        done = hand_over(replace(MAIL, port=box.port), letters)
        sender = replace(MAIL, port=box.port, sender="Zeitung <jörg@gazette.example>")
        refused = hand_over(sender, [letter("ann@a.example")])
    assert [one.outcome for one in done] == ["ok", "bounced", "ok"]
    assert [one.outcome for one in refused] == ["failed"], "that is not the reader's fault"


@pytest.mark.parametrize(("said", "pause_s"), [(b"2", 0.1), (b"220-hello\r\n", 0.01)])
def test_a_server_that_never_ends_a_reply_is_left_in_the_end(monkeypatch, said, pause_s):
    monkeypatch.setattr("aggregator.deliver.mail.LONGEST_S", 0.5)
    with Hostile(greet=lambda line: line.endless(said, pause_s)) as server:
        done = hand_over(replace(MAIL, port=server.port), [letter("ann@a.example")])
    assert [one.outcome for one in done] == ["failed"]


def test_a_conversation_that_begins_after_its_end_is_none(monkeypatch):
    """Its end may come before there is a connection: a name with many dead addresses takes minutes."""
    has_ended, connect, heard = threading.Event(), socket.create_connection, []
    monkeypatch.setattr("aggregator.deliver.mail.LONGEST_S", 0.01)
    hang_up = _Conversation._hang_up
    monkeypatch.setattr(_Conversation, "_hang_up", lambda self: (hang_up(self), has_ended.set()))
    monkeypatch.setattr(
        "smtplib.socket.create_connection", lambda *more: (has_ended.wait(10), connect(*more))[1]
    )

    def serve():
        with contextlib.suppress(ConnectionError), listener.accept()[0] as line:
            line.sendall(b"220 hi\r\n")
            heard.append(line.recv(99))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        done = hand_over(replace(MAIL, port=listener.getsockname()[1]), [letter("ann@a.example")])
        server.join(10)
    assert [one.outcome for one in done] == ["failed"]
    assert b"".join(heard) == b"", "nothing was said to it"


def test_a_reply_without_end_takes_no_memory():
    line = b"220-" + b"x" * 1000 + b"\r\n"
    with Hostile(greet=lambda other: other.endless(line * 64, 0)) as server:
        tracemalloc.start()
        done = hand_over(replace(MAIL, port=server.port), [letter("ann@a.example")])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert [one.outcome for one in done] == ["failed"]
    assert peak < 5_000_000


def test_a_login_that_the_server_asks_for_in_nonsense_is_a_failure():
    said = b"220 hi\r\n250-mail.example\r\n250 AUTH CRAM-MD5\r\n334 !!!notbase64\r\n"

    def greet(line):
        line.send(said)
        line.wait()

    with Hostile(greet=greet) as server:
        mail = replace(MAIL, port=server.port, user="ann", password="s3cret")
        done = hand_over(mail, [letter("ann@a.example")])
    assert [one.outcome for one in done] == ["failed"]


def test_nobody_listening_is_a_failure_of_every_letter():
    with mail_server() as box:
        port = box.port
    done = hand_over(replace(MAIL, port=port), [letter("ann@a.example"), letter("bob@a.example")])
    assert [one.outcome for one in done] == ["failed", "failed"]


# the server would have the login inside TLS only, but does not know that it is, where TLS came first
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(("security", "implicit"), [("starttls", False), ("tls", True)])
def test_mail_goes_through_tls_with_a_login(security, implicit):
    with mail_server(tls=secure(), implicit=implicit, login=True) as box:
        mail = replace(
            MAIL, port=box.port, security=security, user="ann", password="s3cret", host="localhost",
            ca_file=str(CERTIFICATES / "authority.pem"),
        )  # fmt: skip
        assert hand_over(mail, [letter("ann@a.example")])[0].reason == ""
        for guess in ("guess", "pässword"):
            wrong = hand_over(replace(mail, password=guess), [letter("ann@a.example")])
            assert wrong[0].outcome == "failed"
            assert guess not in wrong[0].reason
        stranger = hand_over(replace(mail, ca_file=None), [letter("ann@a.example")])
        assert "certificate" in stranger[0].reason.lower()
    assert box.logins[0] == ("ann", "s3cret")
    assert len(box.taken) == 1


def test_mail_is_not_sent_in_the_clear_where_tls_was_asked_for():
    with mail_server() as box:
        done = hand_over(replace(MAIL, port=box.port, security="starttls"), [letter("ann@a.example")])
    assert done[0].outcome == "failed"
    assert box.taken == []


def test_no_password_is_ever_shown():
    assert "s3cret" not in repr(replace(MAIL, password="s3cret"))
