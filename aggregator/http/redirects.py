"""The redirect walk as a pure decision: an answer's status and Location in, the next request out.

At most the caller's number of hops, never the same request twice, permanent chains told apart
from temporary ones (RFC 9110 §15.4). It sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.http.errors import RedirectFailed
from aggregator.http.target import Target, join_target

PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}


@dataclass(frozen=True, slots=True)
class Hop:
    """One answer on the way that pointed elsewhere."""

    url: str
    status: int


@dataclass(frozen=True, slots=True)
class Step:
    """A request on the way: the first one, or what a redirect made of it."""

    method: str
    target: Target
    body: bytes | None = None
    hops: tuple[Hop, ...] = ()

    @property
    def moved_to(self) -> str | None:
        """Where the first URL moved for good; None without redirects or if one was temporary."""
        return self.target.url if self.hops and all(hop.status in PERMANENT for hop in self.hops) else None


def next_step(step: Step, status: int, location: str, max_redirects: int) -> Step:
    """Return the request that follows a redirect answer to *step*.

    303 always, 301 and 302 after a POST become GET without body; 307 and 308 repeat the request.

    Raises:
        RedirectFailed: no usable Location, a circle, or more than *max_redirects* hops.
        Refused: the Location is no http or https URL.
    """
    hops = (*step.hops, Hop(step.target.url, status))
    if not location:
        raise RedirectFailed(f"it answered {status} and did not say where to go", step.target.url)
    if len(hops) > max_redirects:
        raise RedirectFailed(
            f"more than {max_redirects} redirects, the last one at {step.target.url}", step.target.url
        )
    target = join_target(step.target, location)
    becomes_get = status == 303 or (status in {301, 302} and step.method == "POST")
    method = "GET" if becomes_get and step.method != "HEAD" else step.method
    if method == step.method and any(hop.url == target.url for hop in hops):
        raise RedirectFailed(f"the redirects go in a circle at {target.url}", step.target.url)
    return Step(method, target, None if becomes_get else step.body, hops)
