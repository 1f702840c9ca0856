"""The feed formats of the demo world: in flow a Sheet (one document's worth of items), out flow its bytes.

One writer per format, each true to the habits of its years: what a format cannot say is left out, what
its software got wrong in practice is kept. Nothing here knows a clock or the network.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.worldjsonfeed import json1, json11
from tests.worldsheet import Record, Sheet, printed_date, rfc822, rfc3339
from tests.worldstock import attribute

MEDIA_TYPES = {
    "rss091": "text/xml",
    "rss092": "text/xml",
    "rss10": "application/rdf+xml",
    "rss20": "application/rss+xml",
    "podcast": "application/rss+xml",
    "atom03": "application/atom+xml",
    "atom10": "application/atom+xml",
    "json1": "application/json",
    "json11": "application/feed+json",
}


def write(sheet: Sheet) -> bytes:
    """Return the bytes of the document in the format and encoding of its spec."""
    text = WRITERS[sheet.spec.format](sheet)
    return text.encode(sheet.spec.encoding, "xmlcharrefreplace")


def _el(name: str, text: str, attributes: str = "") -> str:
    """Return one element, or nothing for no text."""
    space = " " if attributes else ""
    return f"<{name}{space}{attributes}>{attribute(text)}</{name}>\n" if text else ""


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _hints(sheet: Sheet) -> str:
    out = ""
    for name, value in sheet.spec.hints.items():
        if name == "skipHours":
            out += "<skipHours>" + "".join(f"<hour>{h}</hour>" for h in value) + "</skipHours>\n"
        elif name == "skipDays":
            out += "<skipDays>" + "".join(f"<day>{d}</day>" for d in value) + "</skipDays>\n"
        else:
            out += f"<{name}>{value}</{name}>\n"
    return out


def rss091(sheet: Sheet) -> str:
    """RSS 0.91 as of 1999: a DOCTYPE, at most 15 items, no dates, no ids, plain text."""
    image = f"{sheet.base_url}/media/icon-{sheet.paper.slug}.png"
    items = "".join(
        f"<item>\n{_el('title', r.item.title)}{_el('link', r.link)}{_el('description', r.summary)}</item>\n"
        for r in sheet.records[:15]
    )
    return (
        f'<?xml version="1.0" encoding="{sheet.spec.encoding}"?>\n'
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"\n'
        ' "http://my.netscape.com/publish/formats/rss-0.91.dtd">\n'
        f'<rss version="0.91">\n<channel>\n{_el("title", sheet.spec.title)}{_el("link", sheet.home)}'
        f"{_el('description', sheet.paper.tagline)}{_el('language', sheet.language.lower())}"
        f"{_el('copyright', sheet.paper.rights)}{_el('managingEditor', sheet.paper.editor)}"
        f"<image>\n{_el('title', sheet.spec.title)}{_el('url', image)}{_el('link', sheet.home)}"
        f"<width>88</width>\n<height>31</height>\n</image>\n{items}</channel>\n</rss>\n"
    )


def rss092(sheet: Sheet) -> str:
    """RSS 0.92: everything in an item optional, entity-encoded HTML in descriptions, enclosures."""
    out = []
    for r in sheet.records:
        sound = (
            f'<enclosure url="{r.audio[0]}" length="{r.audio[2]}" type="{r.audio[1]}"/>\n' if r.audio else ""
        )
        labels = "".join(_el("category", c) for c in r.item.categories)
        body = r.body if sheet.spec.is_full else r.summary
        out.append(
            f"<item>\n{_el('title', r.item.title)}{_el('link', r.link)}{_el('description', body)}"
            f"{labels}{sound}</item>\n"
        )
    return (
        f'<?xml version="1.0" encoding="{sheet.spec.encoding}"?>\n<rss version="0.92">\n<channel>\n'
        f"{_el('title', sheet.spec.title)}{_el('link', sheet.home)}{_el('description', sheet.paper.tagline)}"
        f"{_el('lastBuildDate', rfc822(sheet.modified))}"
        f"<docs>http://backend.userland.com/rss092</docs>\n{''.join(out)}</channel>\n</rss>\n"
    )


def rss10(sheet: Sheet) -> str:
    """RSS 1.0: RDF, a table of contents first, Dublin Core for dates and names."""
    about = [r.link or r.guid for r in sheet.records]
    toc = "".join(f'<rdf:li rdf:resource="{attribute(a)}"/>\n' for a in about)
    out = []
    for r, address in zip(sheet.records, about, strict=True):
        content = f"<content:encoded>{_cdata(r.body)}</content:encoded>\n" if sheet.spec.is_full else ""
        out.append(
            f'<item rdf:about="{attribute(address)}">\n{_el("title", r.item.title)}{_el("link", address)}'
            f"{_el('description', r.summary)}{_el('dc:creator', r.item.author)}"
            f"{''.join(_el('dc:subject', c) for c in r.item.categories)}"
            f"{_el('dc:date', printed_date(r, rfc3339))}"
            f"{_el('dc:language', r.item.language)}{content}</item>\n"
        )
    return (
        f'<?xml version="1.0" encoding="{sheet.spec.encoding}"?>\n'
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"\n'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"\n'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">\n'
        f'<channel rdf:about="{sheet.url}">\n{_el("title", sheet.spec.title)}{_el("link", sheet.home)}'
        f"{_el('description', sheet.paper.tagline)}{_el('dc:language', sheet.language)}"
        f"{_el('dc:rights', sheet.paper.rights)}{_el('dc:date', rfc3339(sheet.modified))}{_hints(sheet)}"
        f"<items>\n<rdf:Seq>\n{toc}</rdf:Seq>\n</items>\n</channel>\n{''.join(out)}</rdf:RDF>\n"
    )


def rss20(sheet: Sheet) -> str:
    """RSS 2.0 as the big papers write it: content:encoded, dc:creator, media:content, atom:link."""
    return _rss20(sheet, "", _rss20_item)


def podcast(sheet: Sheet) -> str:
    """RSS 2.0 for podcast apps: the itunes and podcast vocabularies beside the plain one."""
    cover = f"{sheet.base_url}/media/cover-{sheet.paper.slug}.png"
    extra = (
        f"{_el('itunes:author', sheet.paper.title)}{_el('itunes:summary', sheet.paper.tagline)}"
        f'<itunes:image href="{cover}"/>\n<itunes:explicit>false</itunes:explicit>\n'
        '<itunes:category text="News"><itunes:category text="Daily News"/></itunes:category>\n'
        f"<itunes:type>episodic</itunes:type>\n{_el('itunes:block', 'no')}"
        f"<itunes:owner>{_el('itunes:name', sheet.paper.title)}"
        f"{_el('itunes:email', sheet.paper.editor)}</itunes:owner>\n"
        "<podcast:locked>no</podcast:locked>\n<podcast:medium>podcast</podcast:medium>\n"
    )
    return _rss20(sheet, extra, _podcast_item)


def _rss20(sheet: Sheet, extra: str, item: Callable[[Sheet, Record], str]) -> str:
    return (
        f'<?xml version="1.0" encoding="{sheet.spec.encoding}"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"\n'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"\n'
        ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"\n'
        ' xmlns:podcast="https://podcastindex.org/namespace/1.0">\n'
        f"<channel>\n{_el('title', sheet.spec.title)}{_el('link', sheet.home)}"
        f'<atom:link href="{sheet.url}" rel="self" type="application/rss+xml"/>\n'
        f"{_el('description', sheet.paper.tagline)}{_el('language', sheet.language.lower())}"
        f"{_el('copyright', sheet.paper.rights)}{_el('lastBuildDate', rfc822(sheet.modified))}"
        f"{_hints(sheet)}{extra}{''.join(item(sheet, r) for r in sheet.records)}</channel>\n</rss>\n"
    )


def _guid(sheet: Sheet, record: Record) -> str:
    if not record.guid:
        return ""
    return _el("guid", record.guid, f'isPermaLink="{str(record.guid == record.link).lower()}"')


def _rss20_item(sheet: Sheet, r: Record) -> str:
    content = f"<content:encoded>{_cdata(r.body)}</content:encoded>\n" if sheet.spec.is_full else ""
    picture = f'<media:content url="{r.image}" medium="image" type="image/png"/>\n' if r.image else ""
    sound = f'<enclosure url="{r.audio[0]}" length="{r.audio[2]}" type="{r.audio[1]}"/>\n' if r.audio else ""
    return (
        f"<item>\n{_el('title', r.item.title)}{_el('link', r.link)}"
        f"<description>{_cdata(r.summary)}</description>\n"
        f"{content}{_el('dc:creator', r.item.author)}{''.join(_el('category', c) for c in r.item.categories)}"
        f"{_guid(sheet, r)}{_el('pubDate', printed_date(r, rfc822))}"
        f"{_el('atom:updated', rfc3339(r.updated) if r.updated else '')}{_el('dc:language', r.item.language)}"
        f"{picture}{sound}</item>\n"
    )


def _podcast_item(sheet: Sheet, r: Record) -> str:
    length = f"{r.item.audio_s // 60:02d}:{r.item.audio_s % 60:02d}"
    season = _el("itunes:season", str(r.item.season or "")) + _el("podcast:season", str(r.item.season or ""))
    number = _el("itunes:episode", str(r.item.episode or "")) + _el(
        "podcast:episode", str(r.item.episode or "")
    )
    transcript = f"{sheet.base_url}/{sheet.paper.slug}/{r.item.id}.txt"
    chapters = f"{sheet.base_url}/{sheet.paper.slug}/{r.item.id}.chapters.json"
    extra = (
        f"{_el('itunes:title', r.item.title)}{_el('itunes:author', r.item.author)}"
        f"{_el('itunes:duration', length)}"
        f"<itunes:episodeType>full</itunes:episodeType>\n<itunes:explicit>no</itunes:explicit>\n{season}{number}"
        f'<itunes:image href="{r.image}"/>\n<podcast:transcript url="{transcript}" type="text/plain"/>\n'
        f'<podcast:chapters url="{chapters}" type="application/json+chapters"/>\n'
    )
    return _rss20_item(sheet, r).replace("</item>\n", extra + "</item>\n")


def atom03(sheet: Sheet) -> str:
    """Atom 0.3, the draft of 2003: tagline, issued, modified, escaped content with a mode."""
    out = []
    for r in sheet.records:
        content = (
            f'<content type="text/html" mode="escaped" xml:base="{sheet.home}">'
            f"{attribute(r.body)}</content>\n"
            if sheet.spec.is_full
            else ""
        )
        date = printed_date(r, rfc3339)
        changed = rfc3339(r.updated) if r.updated else date
        out.append(
            f"<entry>\n{_el('title', r.item.title)}"
            f'<link rel="alternate" type="text/html" href="{attribute(r.link)}"/>\n{_el("id", r.guid)}'
            f"{_el('issued', date)}{_el('modified', changed)}"
            f"<author>{_el('name', r.item.author or sheet.paper.title)}</author>\n"
            f'<summary type="text/plain">{attribute(r.summary)}</summary>\n{content}</entry>\n'
        )
    return (
        f'<?xml version="1.0" encoding="{sheet.spec.encoding}"?>\n'
        f'<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="{sheet.language}">\n'
        f'{_el("title", sheet.spec.title)}<link rel="alternate" type="text/html" href="{sheet.home}"/>\n'
        f"{_el('tagline', sheet.paper.tagline)}{_el('id', f'tag:{sheet.paper.slug}.example,2003:feed')}"
        f"{_el('copyright', sheet.paper.rights)}{_el('modified', rfc3339(sheet.modified))}"
        f"{''.join(out)}</feed>\n"
    )


def atom10(sheet: Sheet) -> str:
    """Atom 1.0 (RFC 4287)."""
    return (
        f'<?xml version="1.0" encoding="{sheet.spec.encoding}"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{sheet.language}">\n'
        f"{_el('title', sheet.spec.title)}{_el('subtitle', sheet.paper.tagline)}"
        f'<link rel="self" type="application/atom+xml" href="{sheet.url}"/>\n'
        f'<link rel="alternate" type="text/html" href="{sheet.home}"/>\n'
        f"{_el('id', f'tag:{sheet.paper.slug}.example,2020:{sheet.spec.path}')}"
        f"{_el('updated', rfc3339(sheet.modified))}<author>{_el('name', sheet.paper.title)}</author>\n"
        f"{_el('rights', sheet.paper.rights)}"
        f"{_el('icon', f'{sheet.base_url}/media/icon-{sheet.paper.slug}.png')}"
        f"{''.join(_atom10_entry(sheet, r) for r in sheet.records)}</feed>\n"
    )


def _atom10_entry(sheet: Sheet, r: Record) -> str:
    language = f' xml:lang="{r.item.language}"' if r.item.language else ""
    content = f'<content type="html">{attribute(r.body)}</content>\n' if sheet.spec.is_full else ""
    author = f"<author>{_el('name', r.item.author)}</author>\n" if r.item.author else ""
    date = printed_date(r, rfc3339)
    changed = rfc3339(r.updated) if r.updated else date
    sound = (
        f'<link rel="enclosure" type="{r.audio[1]}" length="{r.audio[2]}" href="{r.audio[0]}"/>\n'
        if r.audio
        else ""
    )
    link = f'<link rel="alternate" type="text/html" href="{attribute(r.link)}"/>\n' if r.link else ""
    labels = "".join(
        f'<category term="{attribute(c.lower())}" label="{attribute(c)}"/>\n' for c in r.item.categories
    )
    return (
        f"<entry{language}>\n{_el('title', r.item.title)}{link}{_el('id', r.guid)}{_el('published', date)}"
        f"{_el('updated', changed)}{author}{labels}{_el('summary', r.summary)}{content}{sound}</entry>\n"
    )


WRITERS: dict[str, Callable[[Sheet], str]] = {
    "rss091": rss091,
    "rss092": rss092,
    "rss10": rss10,
    "rss20": rss20,
    "podcast": podcast,
    "atom03": atom03,
    "atom10": atom10,
    "json1": json1,
    "json11": json11,
}
