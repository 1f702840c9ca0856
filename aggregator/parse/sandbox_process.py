"""What runs on the other side: a server that forks readers, and the readers, document after document.

Bytes and instructions flow in over a socket, a reading flows out. The server imports the parser once
and shares its memory with all readers; it holds no document. A reader limits itself. What runs
out of memory says so and ends: a fresh process takes over. All end when the program that
started them is gone, and none before: a signal to stop is the program's affair.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import pickle
import signal
import socket
import struct
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from aggregator.errors import AggregatorError, ParseError, ParseKilled
from aggregator.model import ParsedFeed, Reading
from aggregator.model.pages import PageText
from aggregator.parse.heap import LARGE_BYTES, give_back, share_one_heap
from aggregator.parse.markup import use_markup
from aggregator.parse.slim import pickled
from aggregator.parse.wire import framed, receive, send

T = TypeVar("T")

#: what a reader says last when it ran out of its memory: made beforehand, for then there is none
OUT_OF_MEMORY = pickle.dumps(None)
_LAST_WORDS = framed(OUT_OF_MEMORY)

#: bytes of memory that a reader may add to what it starts with, and its niceness; its socket comes along
ORDER = struct.Struct("!qi")
#: seconds within which leave is taken of readers that ended, whether another is ordered or not
BURY_S = 30.0


def read(body: bytes, url: str, headers: Mapping[str, str], reading: Reading | None) -> ParsedFeed:
    # the parent never reads: it does not carry the parser in its memory
    from aggregator.parse.reading import read_document

    return read_document(body, url=url, headers=headers, reading=reading)


def extract(body: bytes, url: str, headers: Mapping[str, str]) -> PageText:
    # many never read a page: the extractor comes with the first one
    from aggregator.parse.pages.fulltext import extract_text

    return extract_text(body, url, headers)


def serve(control: int) -> None:
    """Fork readers as ordered over the socket *control*; kill all when its other end is closed.

    Returns when none is left.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with _unloaded("_ssl", "_hashlib", "chardet", "cchardet"):
        import aggregator.parse.reading  # noqa: F401 - once, for all readers

    share_one_heap()
    readers: set[int] = set()
    with socket.socket(fileno=control) as orders:
        while True:
            _bury(readers)
            orders.settimeout(BURY_S if readers else None)
            try:
                order, sockets, _, _ = socket.recv_fds(orders, ORDER.size, 1)
            except TimeoutError:
                continue
            if not order:
                break
            with socket.socket(fileno=sockets[0]) as program:
                if not (pid := os.fork()):
                    orders.close()
                    _live(program, *ORDER.unpack(order))
                readers.add(pid)
    for pid in readers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@contextmanager
def _unloaded(*names: str) -> Iterator[None]:
    """Let these modules be missing for a while: feedparser would load them into the memory of all readers.

    It wants them to ask servers and to guess encodings, of which it does neither here. Whoever needs
    one later, for a document, loads it then.
    """
    # not every Python can hash without OpenSSL
    spared = [name for name in names if name != "_hashlib" or importlib.util.find_spec("_md5")]
    for name in spared:
        sys.modules[name] = None  # type: ignore[assignment]  # importing it fails
    yield
    for name in spared:
        del sys.modules[name]


def _bury(readers: set[int]) -> None:
    """Take leave of those that ended: until then their numbers are nobody else's."""
    while readers:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        readers.discard(pid)


def _live(program: socket.socket, memory_bytes: int, niceness: int) -> None:
    """Read what the program sends until it closes the socket; never returns."""
    code = 1
    try:
        _limit(memory_bytes, niceness)
        send(program, pickle.dumps(os.getpid()))
        while (task := receive(program)) is not None:
            send(program, _answer(task))
        code = 0
    except MemoryError:
        os.write(program.fileno(), _LAST_WORDS)
    finally:
        os._exit(code)


def _answer(task: bytes | bytearray) -> bytes:
    """Do one task and return what it came to, pickled: its result, or an AggregatorError.

    Raises:
        MemoryError: what it allocated cannot be counted on to come back.
    """
    what, markup, arguments = pickle.loads(task)
    try:
        use_markup(markup)
        return pickled(what(**arguments))
    except (ParseKilled, MemoryError):
        raise MemoryError from None
    except AggregatorError as error:
        return pickle.dumps(error)
    except BaseException as error:
        return pickle.dumps(ParseError(f"The document cannot be read ({type(error).__name__})."))
    finally:
        if len(task) >= LARGE_BYTES:
            give_back()


def _limit(memory_bytes: int, niceness: int) -> None:
    # looking through what the server imported would copy its pages, which all processes share; and
    # what a document makes dies without being looked for
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    if niceness:
        os.nice(niceness)
    try:
        import resource
    except ImportError:  # not on this platform; the time limit remains
        return
    limit = _address_space() + memory_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _address_space() -> int:
    """Return the address space in use, in bytes; 0 where it cannot be known."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            import resource

            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 500_000_000
