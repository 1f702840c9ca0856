"""Messages between the program and its readers: bytes flow in here, the same bytes flow out there.

Each is preceded by its length on a socket. Nothing is looked into.
"""

from __future__ import annotations

import socket
import struct

_LENGTH = struct.Struct("!q")


def framed(message: bytes) -> bytes:
    """Return a message as it travels."""
    return _LENGTH.pack(len(message)) + message


def send(to: socket.socket, message: bytes) -> None:
    """Send a whole message.

    Raises:
        OSError: the other side is gone, or (TimeoutError) takes nothing for as long as *to* waits.
    """
    to.sendall(framed(message))


def receive(source: socket.socket) -> bytes | bytearray | None:
    """Return the next message; None when the other side has gone.

    Raises:
        OSError: the other side broke, or (TimeoutError) sends nothing for as long as *source* waits.
    """
    length = _exactly(source, _LENGTH.size)
    return _exactly(source, *_LENGTH.unpack(length)) if length else None


def _exactly(source: socket.socket, count: int) -> bytearray | None:
    found = bytearray(count)
    view, at = memoryview(found), 0
    while at < count:
        got = source.recv_into(view[at:])
        if not got:
            return None
        at += got
    return found
