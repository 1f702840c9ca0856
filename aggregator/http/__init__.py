"""The guarded client (`client`, which alone needs aiohttp) and the values it takes and gives.

shape, target      what is sent, to whom, with which credentials        agent   how we introduce ourselves
addresses, sockets, resolver    the guard: where a connection may lead
exchange, body, unasked         one answer: read within limits, decoded, asked for
redirects          the next hop, decided                                answer, errors   what came of it
politeness, groups, room        turns by host, whose budget, how much is in memory at once
"""

from aggregator.http.agent import user_agent
from aggregator.http.answer import Answer
from aggregator.http.errors import (
    ConnectFailed,
    DnsFailed,
    HttpError,
    RedirectFailed,
    Refused,
    TimedOut,
    TlsFailed,
    TooLarge,
    TransferBroken,
    clean_text,
)
from aggregator.http.redirects import Hop
from aggregator.http.shape import ORDINARY, Headers, RequestShape

__all__ = [
    "ORDINARY",
    "Answer",
    "ConnectFailed",
    "DnsFailed",
    "Headers",
    "Hop",
    "HttpError",
    "RedirectFailed",
    "Refused",
    "RequestShape",
    "TimedOut",
    "TlsFailed",
    "TooLarge",
    "TransferBroken",
    "clean_text",
    "user_agent",
]
