"""Messages between the program and its readers: bytes flow in here, the same bytes flow out there.

Each is preceded by its length on a socket. Nothing is looked into. How long is waited is the kernel's
affair: Python would wait for each piece twice, and each time for its turn among the program's threads.
"""

from __future__ import annotations

import socket
import struct

_LENGTH = struct.Struct("!q")
#: seconds and microseconds: two longs, but on 32-bit Linux with times beyond 2038, where the option
#: has another number (SO_RCVTIMEO_NEW)
_TIMEVAL = "=qq" if socket.SO_RCVTIMEO == 66 else "@ll"


def wait_at_most(end: socket.socket, seconds: float) -> None:
    """Have send() and receive() at this end of a connection wait no longer than *seconds* for the other."""
    whole = int(seconds)
    limit = struct.pack(_TIMEVAL, whole, int((seconds - whole) * 1_000_000))
    for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        end.setsockopt(socket.SOL_SOCKET, direction, limit)


def framed(message: bytes) -> bytes:
    """Return a message as it travels."""
    return _LENGTH.pack(len(message)) + message


def send(to: socket.socket, message: bytes) -> None:
    """Send a whole message.

    Raises:
        OSError: the other side is gone, or (TimeoutError) takes nothing for as long as *to* waits.
    """
    try:
        to.sendall(framed(message))
    except BlockingIOError:
        raise TimeoutError from None


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
        try:
            got = source.recv_into(view[at:], 0, socket.MSG_WAITALL)
        except BlockingIOError:
            raise TimeoutError from None
        if not got:
            return None
        at += got
    return found
