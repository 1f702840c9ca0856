"""What machines ask for by custom: robots.txt and the site map."""

from __future__ import annotations

from flask import Blueprint, Response

from aggregator.publish.addresses import article_url, home_url, page_url, prefix
from aggregator.publish.dates import rfc3339
from aggregator.publish.render import document
from aggregator.store.articles.listing import load_newest
from aggregator.web.answers import Terms
from aggregator.web.current import desk, show
from aggregator.web.roster import every_head

crawlers = Blueprint("crawlers", __name__)
#: a site map may hold fifty thousand addresses; the newest are what is looked for
ARTICLES = 10_000
_TERMS = Terms(max_age_s=3600, is_shared=False)


@crawlers.get("/robots.txt")
def robots() -> Response:
    """Answer with what crawlers may ask: everything but searches, of which there is no end."""
    site = desk().site
    base = prefix(site)
    lines = (
        "User-agent: *",
        f"Disallow: {base}/search",
        f"Disallow: {base}/*?q=",
        "",
        f"Sitemap: {home_url(site)}sitemap.xml",
        "",
    )
    return show(document("\n".join(lines).encode(), "text/plain"), _TERMS)


@crawlers.get("/sitemap.xml")
def sitemap() -> Response:
    """Answer with the pages there are: every feed's, and the newest articles' (sitemaps.org)."""
    site = desk().site
    open_to_all = [head for head in every_head(desk()) if not head.noindex]
    pages = [(home_url(site), None), *((page_url(site, head), head.changed_at) for head in open_to_all)]
    newest = desk().read(load_newest, ARTICLES)
    pages += [(article_url(site, one), changed) for one, changed in newest]
    rows = (
        f"<url><loc>{url}</loc>{f'<lastmod>{rfc3339(changed)}</lastmod>' if changed else ''}</url>\n"
        for url, changed in pages
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n' + "".join(rows) + "</urlset>\n"
    )
    return show(document(body.encode(), "application/xml"), _TERMS)
