"""What runs inside a process of the sandbox: it limits itself, then reads document after document.

Bytes and instructions flow in, a reading flows out. What runs out of memory ends its process with
an exit status of its own: the parent knows then what happened, and a fresh process takes over.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aggregator.errors import ParseKilled
from aggregator.heap import LARGE_BYTES, give_back
from aggregator.model import ParsedFeed, Reading
from aggregator.model.markup import Markup
from aggregator.model.pages import PageText
from aggregator.parse.markup import use_markup

T = TypeVar("T")

#: exit status of a process that ran out of its memory (EX_OSERR)
OUT_OF_MEMORY = 71


def read(body: bytes, url: str, headers: Mapping[str, str], reading: Reading | None) -> ParsedFeed:
    # the parent never reads: it does not carry the parser in its memory
    from aggregator.parse.reading import read_document

    return read_document(body, url=url, headers=headers, reading=reading)


def extract(body: bytes, url: str, headers: Mapping[str, str]) -> PageText:
    # many never read a page: the extractor comes with the first one
    from aggregator.parse.pages.fulltext import extract_text

    return extract_text(body, url, headers)


def work(what: Callable[..., T], markup: Markup, **arguments: Any) -> T:
    """Do one task of the sandbox."""
    use_markup(markup)
    try:
        return what(**arguments)
    except (ParseKilled, MemoryError):
        # what it allocated cannot be counted on to come back: a fresh process takes over
        os._exit(OUT_OF_MEMORY)
    finally:
        if len(arguments["body"]) >= LARGE_BYTES:
            give_back()


def prepare(memory_bytes: int, niceness: int) -> None:
    """Limit this process; Ctrl-C is the parent's affair."""
    # looking through what the server imported would copy its pages, which all processes share; and
    # what a document makes dies without being looked for
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if niceness and hasattr(os, "nice"):
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
