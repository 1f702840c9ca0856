"""Who wants no part in this paper: hosts and addresses in, a judge of articles out. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aggregator.curate.withdrawn import OPTED_OUT, reason_of, state_before
from aggregator.model import ArticleState

#: why an article that was out, and is to be again, is held until the next release; it was announced once
BACK = "its publisher no longer opts out"


@dataclass(frozen=True, slots=True)
class OptOut:
    """Hosts (with all below them) and beginnings of addresses."""

    hosts: frozenset[str] = frozenset()
    #: without scheme and ``www.``
    beginnings: tuple[str, ...] = ()

    def find(self, *urls: str | None) -> str | None:
        """Return what of the list covers one of these addresses, None if nothing does."""
        if not self.hosts and not self.beginnings:
            return None
        for url in urls:
            host, rest = _split(url or "")
            parts = host.split(".")
            for start in range(len(parts)):
                if (parent := ".".join(parts[start:])) in self.hosts:
                    return parent
            for beginning in self.beginnings:
                if _begins(host + rest, beginning):
                    return beginning
        return None

    def decide(self, state: ArticleState, reason: str, *urls: str | None) -> tuple[ArticleState, str] | None:
        """Return what becomes of an article with these addresses, and why; None: it stays what it is.

        One that was withdrawn for this and is covered no longer is out again; held, or silent, if it was not
        out.
        """
        covered = self.find(*urls)
        if covered is not None and state is not ArticleState.WITHDRAWN:
            if state is ArticleState.REJECTED:
                state = ArticleState.SILENT
            elif reason == BACK:
                state = ArticleState.OUT
            return ArticleState.WITHDRAWN, reason_of(OPTED_OUT + covered, state, reason)
        if covered is None and state is ArticleState.WITHDRAWN and reason.startswith(OPTED_OUT):
            return state_before(reason)
        return None


def compile_opt_out(listed: Iterable[str]) -> OptOut:
    """Return the judge of a configured list; an address without a path means its whole host."""
    hosts, beginnings = set(), []
    for one in listed:
        host, rest = _split(one) if "://" in one else (one.lower(), "")
        if rest.strip("/"):
            beginnings.append(host + rest)
        else:
            hosts.add(host.removeprefix("www."))
    return OptOut(frozenset(hosts), tuple(beginnings))


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    except ValueError:
        return "", ""
    return host, parts.path + (f"?{parts.query}" if parts.query else "")


def _begins(address: str, beginning: str) -> bool:
    """Say whether *address* lies at or below *beginning*: /news covers /news/1 and not /newsletter."""
    if not address.startswith(beginning):
        return False
    return beginning.endswith("/") or address[len(beginning) : len(beginning) + 1] in ("", "/", "?", "&")
