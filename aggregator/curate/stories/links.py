"""A link flows in, its canonical form flows out: the same for every spelling of one page."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

#: parameters that tell who sent the reader, never which page
_TRACKING = frozenset(
    (
        *("fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "igshid", "yclid", "wt_mc", "cmpid"),
        *("cmp", "ocid", "ito", "ref", "ref_src", "ref_url", "source", "src", "smid", "partner", "rss"),
        *("feedtype", "feedname", "traffic_source", "ns_mchannel", "ns_campaign", "ns_source", "xtor"),
    )
)
_TRACKING_PREFIXES = ("utm_", "at_", "pk_", "mtm_", "hsa_", "oly_")
_MOBILE = ("www.", "m.", "amp.", "mobile.")


def canonical_link(url: str | None) -> str | None:
    """Return the page's address without scheme, mobile host, tracking and fragment.

    None where it leads to no page of its own: no link, or the front page of a site.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError:
        return None
    for prefix in _MOBILE:
        if host.startswith(prefix) and host.count(".") > 1:
            host = host.removeprefix(prefix)
    query = _without_tracking(parts.query) if parts.query else ""
    path = parts.path.removesuffix("/").removesuffix("/amp").removesuffix("/index.html")
    if not host or not (path or query):
        return None
    place = f"{host}:{port}" if port not in (None, 80, 443) else host
    return f"{place}{path}?{query}" if query else f"{place}{path}"


def _without_tracking(query: str) -> str:
    return urlencode(sorted(pair for pair in parse_qsl(query) if not _is_tracking(pair[0])))


def _is_tracking(name: str) -> bool:
    lowered = name.lower()
    return lowered in _TRACKING or lowered.startswith(_TRACKING_PREFIXES)
