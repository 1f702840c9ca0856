"""A link flows in, its canonical form flows out: the same for every spelling of one page."""

from __future__ import annotations

import re
from string import punctuation
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urlsplit

#: an address of a host and a path alone, as most are: these two are all there is to look at
_PLAIN = re.compile(r"https?://([a-z0-9.-]*[a-z0-9-])(/[!-\"$&->@-~]*)?")
#: what a path of _PLAIN holds besides letters and digits
_AS_WRITTEN = punctuation.translate(str.maketrans("", "", "#%?"))
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
    if plain := _PLAIN.fullmatch(url):
        return _joined(plain[1], plain[2] or "")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        if not host.isascii():
            host = host.encode("idna").decode()
        # "é" and "%c3%a9" are "%C3%A9"
        path = quote(unquote_to_bytes(parts.path), _AS_WRITTEN)
    except ValueError:
        return None
    query = _without_tracking(parts.query) if parts.query else ""
    return _joined(host, path, f":{port}" if port not in (None, 80, 443) else "", query)


def _joined(host: str, path: str, port: str = "", query: str = "") -> str | None:
    for prefix in _MOBILE:
        if host.startswith(prefix) and host.count(".") > 1:
            host = host.removeprefix(prefix)
    path = path.removesuffix("/").removesuffix("/amp").removesuffix("/index.html")
    if not host or not (path or query):
        return None
    return f"{host}{port}{path}?{query}" if query else f"{host}{port}{path}"


def _without_tracking(query: str) -> str:
    return urlencode(
        sorted(pair for pair in parse_qsl(query, keep_blank_values=True) if not _is_tracking(pair[0]))
    )


def _is_tracking(name: str) -> bool:
    lowered = name.lower()
    return lowered in _TRACKING or lowered.startswith(_TRACKING_PREFIXES)
