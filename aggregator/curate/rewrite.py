"""Articles changed on their way out: items of an edition and rules flow in, new items flow out.

What is stored stays as it came, so a rule that goes takes its effect with it. First comes the
text of the article's page, where its source reads pages; then the source's own rule, then the
configured ones in file order; the fields of one rule apply in the order in which model.Rewrite
lists them. Queries see the article as it is stored. Nothing
unsafe can come in: elements are only taken out, and replacements reach only text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from aggregator.model import Category, Configuration, ContentPolicy, Entry, Item, Person, Replacement, Rewrite
from aggregator.query.document import document_of_item
from aggregator.query.glossary import Glossary, compile_glossary
from aggregator.query.match import Matcher, compile_query
from aggregator.query.parse import parse_query
from aggregator.query.regex import replace_all
from aggregator.query.text import markup_tokens, plain_text, tokens

#: from generous to strict
_POLICIES: tuple[ContentPolicy, ...] = ("full", "summary", "link")


@dataclass(frozen=True, slots=True)
class Looks:
    """What of a configuration shapes feeds when they are read; made by looks_of()."""

    #: what the names in queries stand for
    glossary: Glossary = field(default_factory=Glossary)
    #: the configured rewrite rules
    rewrites: tuple[tuple[Rewrite, Matcher], ...] = ()


#: of a configuration without rule sets and rewrite rules
PLAIN = Looks()


def looks_of(configuration: Configuration) -> Looks:
    """Compile what shapes the feeds of a valid configuration.

    Raises: QueryError when a query cannot be read, which a checked configuration rules out.
    """
    glossary = compile_glossary(configuration)
    rewrites = (
        (rule, compile_query(glossary.expand(parse_query(rule.query)))) for rule in configuration.rewrites
    )
    return Looks(glossary, tuple(rewrites))


def rewrite(item: Item, looks: Looks) -> Item:
    """Return the item as it is published."""
    rules = rewritten_by(item, looks)
    item = with_full_text(item)
    for rule in rules:
        entry = _changed(item.article.entry, rule, item.source.name)
        source = replace(item.source, content=stricter(item.source.content, rule.content))
        item = replace(item, article=replace(item.article, entry=entry), source=source)
    return item


def rewritten_by(item: Item, looks: Looks) -> tuple[Rewrite, ...]:
    """Return the rules that apply to a stored article, in their order; for ``explain``."""
    own = item.source.rewrite
    if own is None and not looks.rewrites:
        return ()
    document = document_of_item(item)
    found = []
    if own is not None:
        query = looks.glossary.expand(parse_query(own.query))
        found += [own] if compile_query(query)(document) is not None else []
    found += [rule for rule, matcher in looks.rewrites if matcher(document) is not None]
    return tuple(found)


def stricter(*policies: ContentPolicy | None) -> ContentPolicy:
    """Return the strictest of the policies given; full when there is none."""
    return max((policy for policy in policies if policy), key=_POLICIES.index, default="full")


def with_full_text(item: Item) -> Item:
    """Return the item with the text of its own page for its content, where that says more.

    What the feed says stays its summary, where it has no other.
    """
    text, entry = item.article.page_text, item.article.entry
    if not text or not item.source.full_text:
        return item
    fuller = plain_text(text)
    if len(fuller) <= max(len(plain_text(entry.content)), len(plain_text(entry.summary))):
        return item
    summary, words = entry.summary or entry.content, len(tokens(fuller))
    full = replace(entry, content=text, summary=summary, words=words, wording=None)
    return replace(item, article=replace(item.article, entry=full))


def _changed(entry: Entry, rule: Rewrite, source_name: str) -> Entry:
    return replace(
        entry,
        summary=_markup(entry.summary, rule),
        content=_markup(entry.content, rule),
        title=_title(entry.title, rule, source_name),
        authors=(Person(name=rule.author, is_assigned=True),) if rule.author else entry.authors,
        language=rule.language or entry.language,
        categories=_categories(entry.categories, rule.categories),
        rights=entry.rights if rule.rights is None else rule.rights,
        words=_words(entry, rule),
        wording=None,
    )


def _markup(markup: str, rule: Rewrite) -> str:
    """Apply drop, replace_content and truncate, in this order."""
    if not markup or not (rule.drop or rule.replace_content or rule.truncate is not None):
        return markup
    from aggregator.curate.elements import drop_elements, first_words, replace_text  # few change texts

    if rule.drop:
        markup = drop_elements(markup, rule.drop)
    if rule.replace_content:
        markup = replace_text(markup, lambda text: _replaced(text, rule.replace_content))
    return markup if rule.truncate is None else first_words(markup, rule.truncate)


def _title(title: str, rule: Rewrite, source_name: str) -> str:
    title = " ".join(_replaced(title, rule.replace_title).split()) if rule.replace_title else title
    prefix = rule.prefix.replace("{source}", source_name)
    # a title that begins so already, as some papers write them, is left alone
    return title if not prefix or title.startswith(prefix) else prefix + title


def _replaced(text: str, replacements: Sequence[Replacement]) -> str:
    for change in replacements:
        text = replace_all(text, change.pattern, change.replacement)
    return text


def _categories(published: tuple[Category, ...], added: Sequence[str]) -> tuple[Category, ...]:
    known = {category.term for category in published}
    return (*published, *(Category(term=term) for term in dict.fromkeys(added) if term not in known))


def _words(entry: Entry, rule: Rewrite) -> int:
    if not (rule.drop or rule.replace_content or rule.truncate is not None):
        return entry.words
    texts = (entry.content, entry.summary)
    return max(len(markup_tokens(_markup(text, rule))) for text in texts)
