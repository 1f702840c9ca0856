"""Messages in, handed over to a mail server (SMTP, RFC 5321): what became of each out, as a value.

The server is the one the person configured; no other is ever contacted. TLS certificates are
checked. Nothing here knows why a message is sent.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from typing import Any, BinaryIO, Literal

from aggregator.http.errors import clean_text
from aggregator.model.outgoing import Mail, Message

#: seconds for each step of a conversation, and for all of them
TIMEOUT_S, LONGEST_S = 30, 180
#: bytes of one reply, which may have many lines
_REPLY_BYTES = 256 * 1024
SUBJECT_CHARS = 500
#: what smtplib raises; ValueError for a login that is no ASCII, and for a challenge that is no base64
FAILURES = (OSError, smtplib.SMTPException, ValueError)
#: what a refusal for good is about where it says so (RFC 3463 §3): the address, the mailbox, the way there
_OF_ADDRESS = re.compile(rb"\s*5\.[124]\.\d")
_SAYS = re.compile(rb"\s*[245]\.\d{1,3}\.\d")
#: where it says only a number: the other numbers speak of us, or of the server
_ADDRESS_CODES = frozenset({550, 551, 552, 553, 556})


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a message."""

    #: "bounced": this address will never take it; "failed": try again later
    outcome: Literal["ok", "bounced", "failed"]
    #: one sentence; empty when all is well
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message for one address."""

    address: str
    message: EmailMessage


class _AsWritten(UnstructuredHeader, BaseHeader):
    """A header read by machines: the address in it is one word however long it is (RFC 2369 §2).

    The library would write words that fit no line as encoded ones, which mail readers take for no address.
    """

    def fold(self, *, policy: Policy) -> str:
        if not self.isascii():
            return super().fold(policy=policy)
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
for _name in ("List-ID", "List-Unsubscribe"):
    _HEADERS.map_to_type(_name, _AsWritten)


class _Lines:
    """The lines that come from the other side, as long as there are bytes left for them."""

    def __init__(self, said: BinaryIO) -> None:
        self._said, self.left = said, 0

    def readline(self, size: int) -> bytes:
        line = self._said.readline(min(size, self.left))
        self.left -= len(line)
        return line

    def close(self) -> None:
        self._said.close()


class _Conversation(smtplib.SMTP):
    """A conversation that ends in time, however slowly the other side speaks, or however much."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self._end = threading.Timer(LONGEST_S, self._hang_up)
        self._end.daemon = True
        self._is_over = False
        self._end.start()
        try:
            super().__init__(*args, **more)
        except BaseException:
            self._end.cancel()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Return the code and the text of the next reply."""
        if self._is_over:  # it ended before there was a socket to shut
            self.close()
            raise smtplib.SMTPServerDisconnected("too late")
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = _REPLY_BYTES
        return super().getreply()

    def _hang_up(self) -> None:
        self._is_over = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._end.cancel()
        super().close()


class _TlsConversation(_Conversation, smtplib.SMTP_SSL):
    """The same, in TLS from its first byte."""


def write_letter(
    mail: Mail,
    message: Message,
    address: str,
    *,
    at: datetime,
    message_id: str,
    list_id: str,
    unsubscribe_url: str,
) -> Letter:
    """Return *message* with its headers; who gets it can leave with one click (RFC 8058).

    Args:
        message_id: the same for the same message, without angle brackets.
        unsubscribe_url: answers a POST; empty for a message that is no edition.
    """
    written = EmailMessage(policy=SMTP.clone(header_factory=_HEADERS))
    # the library reads encoded words (RFC 2047) in what it is given, and writes out the line breaks in them
    written["Subject"] = clean_text(message.subject.replace("=?", "= ?"), SUBJECT_CHARS)
    written["From"] = mail.sender
    written["To"] = address
    written["Date"] = format_datetime(at)
    written["Message-ID"] = f"<{message_id}>"
    written["Auto-Submitted"] = "auto-generated"
    if unsubscribe_url:
        written["List-ID"] = f"<{list_id}>"
        written["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        written["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        written["Precedence"] = "bulk"
    written.set_content(message.text)
    written.add_alternative(message.html, subtype="html")
    return Letter(address, written)


def hand_over(mail: Mail, letters: Sequence[Letter]) -> tuple[Handed, ...]:
    """Hand *letters* to the mail server in one conversation; return what became of each, in order.

    Nothing is raised for what the server does.
    """
    done: list[Handed] = []
    try:
        with _connect(mail) as server:
            for letter in letters:
                done.append(_hand(server, mail, letter))
    except FAILURES as error:
        reason = f"the mail server {mail.host}: {_reason(error)}"
        done += [Handed("failed", reason)] * (len(letters) - len(done))
    return tuple(done)


def _connect(mail: Mail) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if mail.ca_file:
        context.load_verify_locations(cafile=mail.ca_file)
    if mail.security == "tls":
        server: smtplib.SMTP = _TlsConversation(mail.host, mail.port, timeout=TIMEOUT_S, context=context)
    else:
        server = _Conversation(mail.host, mail.port, timeout=TIMEOUT_S)
    try:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.user is not None:
            server.login(mail.user, mail.password or "")
    except FAILURES:
        server.close()
        raise
    return server


def _hand(server: smtplib.SMTP, mail: Mail, letter: Letter) -> Handed:
    try:
        server.send_message(letter.message, parseaddr(mail.sender)[1], [letter.address])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        reason = f"the address was refused: {code} {_text(said)}"
        return Handed("bounced" if _is_of_address(code, said) else "failed", reason)
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == 421:
            raise
        return Handed("failed", f"the message was refused: {error.smtp_code} {_text(error.smtp_error)}")
    except smtplib.SMTPNotSupportedError:
        if letter.address.isascii():
            raise
        return Handed("bounced", "the mail server knows no addresses with such letters (SMTPUTF8)")
    return Handed("ok")


def _is_of_address(code: int, said: bytes) -> bool:
    """Tell whether an address was refused for good: relaying denied, or a login missing, is not its fault."""
    if _SAYS.match(said):
        return 500 <= code < 600 and _OF_ADDRESS.match(said) is not None
    return code in _ADDRESS_CODES


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it ended the conversation, or did not go on in time"
    return clean_text(str(error), 200) or type(error).__name__


def _text(said: bytes | str) -> str:
    return clean_text(said.decode("utf-8", "replace") if isinstance(said, bytes) else said, 200)
