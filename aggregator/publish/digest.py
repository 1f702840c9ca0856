"""An edition in, a message out: subject, HTML with its styles inside, and plain text.

Mail readers know neither style sheets nor most of CSS: each element carries its few styles itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import wrap

from aggregator.model import Item, Site
from aggregator.model.outgoing import Message
from aggregator.publish.addresses import article_url, home_url
from aggregator.publish.characters import clean_line
from aggregator.publish.headlines import Headline, Moment, item_headline

_BODY = "margin:0;padding:16px;background:#fbfaf6;color:#1a1914;font-family:Georgia,'Times New Roman',serif"
_BOX = "max-width:600px;margin:0 auto"
_NAME = "margin:0;text-align:center;font-size:34px;line-height:1.1"
_SMALL = "font-family:Arial,Helvetica,sans-serif;font-size:13px;line-height:1.4;color:#5a574d"
_TITLE = "margin:0 0 4px;font-size:20px;line-height:1.25"
_LINK = "color:#1a1914;text-decoration:none"
_RULE = "border:0;border-top:1px solid #d5d0c3;margin:18px 0"
_BUTTON = "display:inline-block;background:#1a1914;color:#fbfaf6;padding:10px 18px;text-decoration:none"
#: characters of a line of plain text
_WIDTH = 72


def digest(site: Site, title: str, at: Moment, items: Sequence[Item], unsubscribe_url: str) -> Message:
    """Return an edition as a message; *items* newest first, *unsubscribe_url* for its one reader."""
    told = []
    for item in items:
        one = item_headline(item, site)
        # what tells several in one has a page, but is no article
        told.append((one, one.link if item.roll else article_url(site, item.article.id)))
    name = clean_line(title)
    subject = f"{name}: {told[0][0].title}" if told else name
    return Message(
        subject[:200],
        _text(site, name, at, told, unsubscribe_url),
        _html(site, name, at, told, unsubscribe_url),
    )


def question(site: Site, title: str, confirm_url: str) -> Message:
    """Return the message that asks an address whether it wants a newsletter."""
    name, paper = clean_line(title), clean_line(site.title)
    said = f"Somebody, probably you, asked for {name} from {paper} at this address."
    rest = "If it was not you, do nothing: you will get nothing."
    html = (
        f'<!doctype html><html lang="{escape(site.language)}"><body style="{_BODY}"><div style="{_BOX}">'
        f'<h1 style="{_NAME}">{escape(name)}</h1><hr style="{_RULE}"><p>{escape(said)}</p>'
        f'<p style="margin:24px 0"><a href="{escape(confirm_url)}" style="{_BUTTON}">'
        f'Yes, send me {escape(name)}</a></p><p style="{_SMALL}">{escape(rest)}</p></div></body></html>'
    )
    text = f"{_wrapped(said)}\n\nYes, send it to me:\n{confirm_url}\n\n{_wrapped(rest)}\n"
    return Message(f"{name}: please confirm", text, html)


def _html(
    site: Site, name: str, at: Moment, told: Sequence[tuple[Headline, str]], unsubscribe_url: str
) -> str:
    stories = f'<hr style="{_RULE}">'.join(_story(one, url) for one, url in told)
    home = escape(home_url(site))
    return (
        f'<!doctype html><html lang="{escape(site.language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(name)}</title></head>'
        f'<body style="{_BODY}"><div style="{_BOX}">'
        f'<h1 style="{_NAME}"><a href="{home}" style="{_LINK}">{escape(name)}</a></h1>'
        f'<p style="{_SMALL};text-align:center">{escape(at.day)}</p>'
        f'<hr style="{_RULE}">{stories}<hr style="{_RULE}">'
        f'<p style="{_SMALL}">You get this because you subscribed to {escape(name)}. '
        f'<a href="{escape(unsubscribe_url)}">Unsubscribe</a></p></div></body></html>'
    )


def _story(one: Headline, url: str) -> str:
    language = f' lang="{escape(one.language)}"' if one.language else ""
    # an article without an address of its own has ours, which means nothing in a mailbox without the host
    link = one.link if one.link != one.href else url
    excerpt = f'<p style="margin:0 0 6px;line-height:1.5">{escape(one.excerpt)}</p>' if one.excerpt else ""
    return (
        f'<div{language} dir="auto"><h2 style="{_TITLE}"><a href="{escape(url)}" style="{_LINK}">'
        f"{escape(one.title)}</a></h2>{excerpt}"
        f'<p style="{_SMALL};margin:0">'
        f'<a href="{escape(link)}" style="color:#5a574d">{escape(one.source)}</a>'
        f" · {escape(one.at.text)}</p></div>"
    )


def _text(
    site: Site, name: str, at: Moment, told: Sequence[tuple[Headline, str]], unsubscribe_url: str
) -> str:
    stories = (
        "\n".join(
            filter(None, (_wrapped(one.title), _wrapped(one.excerpt), f"{one.source}, {one.at.text}", url))
        )
        for one, url in told
    )
    head = f"{name}\n{at.day}\n{home_url(site)}"
    return "\n\n".join((head, *stories, f"-- \nUnsubscribe: {unsubscribe_url}\n"))


def _wrapped(text: str) -> str:
    return "\n".join(wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))
