"""A real mail server on loopback for tests: it takes what it is given, or refuses as it is told."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.running import free_port


@dataclass
class Mailbox:
    """What came in, and how the server behaves."""

    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    #: address -> the answer that refuses it
    refused: dict[str, str] = field(default_factory=dict)
    #: answer to every message instead of taking it; empty: take it
    busy: str = ""
    logins: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take or refuse an address."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take or refuse a message."""
        if self.busy:
            return self.busy
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append((list(envelope.rcpt_tos), message))
        return "250 OK"

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        """Know ann with her password."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        # "handled" would mean that the refusal has been said already
        return AuthResult(success=self.logins[-1] == ("ann", "s3cret"), handled=False)

    def to(self, address: str) -> list[EmailMessage]:
        """Return what one address got."""
        return [message for addresses, message in self.taken if address in addresses]


@contextmanager
def mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    implicit: bool = False,
    login: bool = False,
    all_letters: bool = True,
) -> Iterator[Mailbox]:
    """Run a server; with *tls* it wants STARTTLS, or TLS from the first byte where *implicit*.

    Without *all_letters* addresses have to be ASCII.
    """
    box = Mailbox()
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=free_port(),
        # else each connection asks DNS for this machine's name
        server_hostname="mail.example",
        ssl_context=tls if implicit else None,
        tls_context=None if implicit else tls,
        require_starttls=tls is not None and not implicit,
        authenticator=box.authenticate if login else None,
        auth_required=login,
        auth_require_tls=False,
        enable_SMTPUTF8=all_letters,
    )
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()
