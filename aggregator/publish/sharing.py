"""Pages in, what other sites show of a link to them: Open Graph properties and schema.org data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aggregator.model import Site
from aggregator.publish.addresses import home_url
from aggregator.publish.characters import clean_line
from aggregator.publish.pages import ArticlePage

SCHEMA = "https://schema.org"


@dataclass(frozen=True, slots=True)
class Sharing:
    """What the head of a page says about it."""

    #: (property, content) for meta elements
    properties: tuple[tuple[str, str], ...]
    #: JSON-LD
    data: dict[str, Any]


def share_site(site: Site) -> Sharing:
    """Return what is said of the front page."""
    home = home_url(site)
    data = {
        "@context": SCHEMA,
        "@type": "WebSite",
        "name": clean_line(site.title),
        "description": clean_line(site.tagline),
        "url": home,
        "inLanguage": site.language,
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{home}search?q={{query}}",
            "query-input": "required name=query",
        },
    }
    return Sharing(_properties(site, "website", site.title, site.tagline, home, None), data)


def share_article(site: Site, page: ArticlePage, url: str) -> Sharing:
    """Return what is said of an article: whose it is, and where its publisher has it."""
    one = page.headline
    changed = (page.updated or one.at).iso
    data = {
        "@context": SCHEMA,
        "@type": "NewsArticle",
        "headline": one.title,
        "description": one.excerpt,
        "url": url,
        "mainEntityOfPage": url,
        "isBasedOn": one.link,
        "datePublished": one.at.iso,
        "dateModified": changed,
        "inLanguage": one.language or site.language,
        "image": [one.image] if one.image else [],
        "author": [{"@type": "Person", "name": author.name} for author in one.authors],
        "publisher": {"@type": "Organization", "name": one.source},
        "license": page.rights,
    }
    properties = _properties(site, "article", one.title, one.excerpt, url, one.image)
    times = (("article:published_time", one.at.iso), ("article:modified_time", changed))
    return Sharing((*properties, *times), {key: value for key, value in data.items() if value})


def _properties(
    site: Site, kind: str, title: str, text: str, url: str, image: str | None
) -> tuple[tuple[str, str], ...]:
    said = (
        ("og:type", kind),
        ("og:site_name", clean_line(site.title)),
        ("og:title", clean_line(title)),
        ("og:description", clean_line(text)),
        ("og:url", url),
        ("og:image", image),
        ("og:locale", site.language.replace("-", "_")),
    )
    return tuple((name, value) for name, value in said if value)
