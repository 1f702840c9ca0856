"""What runs on the other side: a reader, document after document.

Bytes flow in over a socket, a reading flows out. A reader limits itself. What runs out of memory says
so and ends: a fresh process takes over. It ends when the program that began it is gone, the latest when a
document has taken longer than any may; a signal to stop is the program's affair.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import pickle
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, TypeVar

from aggregator.errors import AggregatorError, ParseError, ParseKilled
from aggregator.model import ParsedFeed, Reading
from aggregator.model.pages import PageText
from aggregator.parse.heap import LARGE_BYTES, give_back, share_one_heap
from aggregator.parse.markup import use_markup
from aggregator.parse.slim import pickled
from aggregator.parse.wire import framed, receive, send

T = TypeVar("T")

#: what a reader says first, when it has begun
READY = pickle.dumps(True)
#: what it says last when it ran out of its memory: made beforehand, for then there is none
OUT_OF_MEMORY = pickle.dumps(None)
_LAST_WORDS = framed(OUT_OF_MEMORY)
#: seconds that a document may take beyond its time before a reader ends itself: nobody is there to do it
_ALONE_S = 2


class Limits(NamedTuple):
    """What a reader may take."""

    #: bytes of address space that it may add to what it starts with
    memory_bytes: int
    #: POSIX nice, 0 for none
    niceness: int
    #: seconds for one document
    timeout_s: float


def read(body: bytes, url: str, headers: Mapping[str, str], reading: Reading | None) -> ParsedFeed:
    # the parent never reads: it does not carry the parser in its memory
    from aggregator.parse.reading import read_document

    return read_document(body, url=url, headers=headers, reading=reading)


def extract(body: bytes, url: str, headers: Mapping[str, str], selectors: Sequence[str]) -> PageText:
    # many never read a page: the extractor comes with the first one
    from aggregator.parse.pages.fulltext import extract_text

    return extract_text(body, url, headers, selectors)


def live(program: int, limits: Limits) -> None:
    """Read what comes over the socket *program* until its other end is closed; never returns."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    share_one_heap()
    with _unloaded("_ssl", "_hashlib", "chardet", "cchardet"):
        import aggregator.parse.reading  # noqa: F401 - before the limits, and before the first document
    _limit(limits)
    longest = int(limits.timeout_s) + 1 + _ALONE_S
    code = 1
    with socket.socket(fileno=program) as tasks:
        try:
            send(tasks, READY)
            while (task := receive(tasks)) is not None:
                signal.alarm(longest)
                send(tasks, _answer(task))
                signal.alarm(0)
            code = 0
        except MemoryError:
            os.write(tasks.fileno(), _LAST_WORDS)
        finally:
            os._exit(code)


@contextmanager
def _unloaded(*names: str) -> Iterator[None]:
    """Let these modules be missing for a while: feedparser would load them into the memory of each reader.

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


def _limit(limits: Limits) -> None:
    # what was imported stays, and what a document makes dies without being looked for
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    if limits.niceness:
        os.nice(limits.niceness)
    import resource

    limit = _address_space() + limits.memory_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    # macOS takes no limit below the hundreds of gigabytes that it sets apart for each process
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _address_space() -> int:
    """Return the address space in use, in bytes; 0 where it cannot be known."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            import resource

            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 500_000_000
