"""Which entry is which: keys within one source, and a digest of what a reader would notice.

Entries flow in as their document has them; entries with key and digest flow out, no two with
one key, and of documents that are too long the newest. Nothing is compared with earlier
documents; that is the gate's work.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import pairwise

from aggregator.model import Entry, TracedEntry, completed
from aggregator.parse.clean import clean

_NEVER = datetime.min.replace(tzinfo=UTC)
_MAX_KEY = 2000
_QUERY = re.compile("[?#]")
#: the id of the newest entry where ids count from it on: 0, item-1
_FIRST_COUNTED = re.compile(r"(.*\D|)([01])(\D*)", re.DOTALL)
_DIGITS = re.compile(r"\d+")
#: so many entries in a row are no chance
_FEWEST_COUNTED = 5
#: an entry that was moved stands under its old link and its new one
_MOST_LINKS = 2
#: entries read from one document
MAX_ENTRIES = 20_000
#: tombstones of one document beyond which the rest is not believed
MAX_WITHDRAWN = 5000


def identify(entries: Iterable[Entry], home: str | None = None) -> tuple[Entry, ...]:
    """Return *entries*, completed by key and digest, in document order, duplicates resolved.

    Of more than MAX_ENTRIES the newest are taken, then the first undated ones.

    The key is the entry id character by character (RFC 4287 §4.2.6), else the link, else the
    first enclosure, else a hash of title and text. Of several entries with one key the one
    updated last stays (RFC 4287 §4.1.1), at the place of the first; with equal dates the first.
    An id under which three or more links stand tells nothing apart: some publishers write one for all.
    Nor do ids that count the entries from the newest on: the next one will have the first of them.
    Versions of one entry do not count as such: their links may end in a version, or they were
    published in one moment and updated in several.

    Args:
        home: the feed's page; as the link of an entry it tells nothing apart.
    """
    listed = _newest(list(entries))
    shared = _counted_ids(listed) or _shared_ids(listed)
    vague = _vague_addresses(listed, shared, home)
    found: dict[str, Entry] = {}
    for entry in listed:
        key = key_of(entry, vague, shared)
        known = found.get(key)
        if known is None or _moment(entry) > _moment(known):
            found[key] = completed(entry, key=key, digest=digest_of(entry))
    return tuple(found.values())


def left_out(entries: list[Entry]) -> tuple[str, ...]:
    """Return a warning where identify() leaves some of *entries* out because they are too many."""
    if len(entries) <= MAX_ENTRIES:
        return ()
    return (f"of {len(entries)} entries the newest {MAX_ENTRIES} were read",)


def _newest(entries: list[Entry]) -> list[Entry]:
    if len(entries) <= MAX_ENTRIES:
        return entries

    def rank(index: int) -> tuple[datetime, int]:
        return (entries[index].published or entries[index].updated or _NEVER, -index)

    kept = set(sorted(range(len(entries)), key=rank, reverse=True)[:MAX_ENTRIES])
    return [entry for index, entry in enumerate(entries) if index in kept]


def withdrawn_keys(refs: Iterable[str], held: Iterable[Entry | TracedEntry]) -> tuple[str, ...]:
    """Return the keys of deleted entries (RFC 6721 §3), at most MAX_WITHDRAWN, in document order.

    An entry that the document holds beside its own tombstone lives.

    Args:
        refs: their entry ids as the document writes them.
    """
    living = {entry.key for entry in held}
    keys = dict.fromkeys(_bounded(clean(ref).strip()) for ref in refs)
    return tuple(key for key in keys if key and key not in living)[:MAX_WITHDRAWN]


def key_of(entry: Entry, vague: Container[str] = (), shared: Container[str] = ()) -> str:
    """Return the identity of *entry* within its source, never empty.

    A key too long to be stored keeps its beginning and gets a hash of the whole.

    Args:
        vague: addresses that several different entries share; a hash of the title is added.
        shared: ids that several different entries share, be it in time; their links stand in for them.
    """
    if entry.id and entry.id not in shared:
        return _bounded(entry.id)
    address = _address(entry)
    if address and address not in vague:
        return _bounded(address)
    return _bounded(f"{address}#{_label_hash(entry)}" if address else "hash:" + _text_hash(entry))


def _address(entry: Entry) -> str:
    return entry.link or (entry.enclosures[0].url if entry.enclosures else entry.id)


def _vague_addresses(entries: list[Entry], shared: Container[str], home: str | None) -> set[str]:
    """Return the addresses that do not tell apart entries without an id of their own: home, shared ones."""
    vague = {home} if home else set()
    labels: dict[str, str] = {}
    for entry in entries:
        if (not entry.id or entry.id in shared) and (address := _address(entry)):
            label = _label_hash(entry)
            if labels.setdefault(address, label) != label:
                vague.add(address)
    return vague


def _shared_ids(entries: list[Entry]) -> set[str]:
    """Return the ids under which more links stand than versions of one entry have."""
    links: dict[str, set[tuple[str, str]]] = {}
    dates: dict[str, list[tuple[datetime | None, datetime | None]]] = {}
    for entry in entries:
        if entry.id:
            # under one title, "?version=3" is no other entry
            link = _QUERY.split(entry.link or "", maxsplit=1)[0]
            links.setdefault(entry.id, set()).add((entry.title, link))
            dates.setdefault(entry.id, []).append((entry.published, entry.updated))
    several = {each for each, different in links.items() if len(different) > _MOST_LINKS}
    return {each for each in several if not _are_versions(dates[each])}


def _counted_ids(entries: list[Entry]) -> set[str]:
    """Return all ids where they only count the entries, each with a link of its own, from the newest on.

    Where the links have the same numbers, it is the articles that are numbered.
    """
    first = _FIRST_COUNTED.fullmatch(entries[0].id) if len(entries) >= _FEWEST_COUNTED else None
    if first is None:
        return set()
    before, start, after = first.groups()
    numbered = list(enumerate(entries, int(start)))
    if any(entry.id != f"{before}{number}{after}" for number, entry in numbered):
        return set()
    if all(str(number) in _DIGITS.findall(entry.link or "") for number, entry in numbered):
        return set()
    dates = [entry.published for entry in entries if entry.published]
    links = {entry.link for entry in entries if entry.link}
    falls = sum(date > older for date, older in pairwise(dates))
    rises = sum(date < older for date, older in pairwise(dates))
    is_newest_first = falls > 0 and falls >= 3 * rises  # one may be pinned
    is_told = len(dates) == len(links) == len(entries)
    return {entry.id for entry in entries} if is_told and is_newest_first else set()


def _are_versions(dates: list[tuple[datetime | None, datetime | None]]) -> bool:
    """Tell by the dates of entries with one id whether it was published once and updated since."""
    published, updated = ({pair[place] for pair in dates} for place in (0, 1))
    return len(published) == 1 and None not in published and len(updated) == len(dates)


def _label_hash(entry: Entry) -> str:
    # the title alone, where there is one: an edited text does not make another entry
    return _hash((entry.title,)) if entry.title else _text_hash(entry)


def _text_hash(entry: Entry) -> str:
    if entry.title or entry.content or entry.summary:
        return _hash((entry.title, entry.content or entry.summary))
    rest = (entry.published, entry.updated, entry.authors, entry.categories, entry.enclosures, entry.origin)
    return _hash([repr(value) for value in rest])


def _bounded(key: str) -> str:
    return key if len(key) <= _MAX_KEY else f"{key[: _MAX_KEY - 48]}#{_hash((key,))}"


def digest_of(entry: Entry) -> str:
    """Return a hash of what a reader would notice; dates are left out.

    Many publishers touch a date with every answer; a new date alone changes nothing to read.
    """
    fields = [entry.title, entry.link or "", entry.summary, entry.content, entry.image or ""]
    fields += [f"{person.name}\0{person.email}" for person in entry.authors]
    fields += [category.term for category in entry.categories]
    fields += [file.url for file in entry.enclosures]
    if entry.rights:
        fields.append(f"\0{entry.rights}")
    if any(growth := _growth(entry)):
        fields.append(f"\0{growth}")
    return _hash(fields)


def _growth(entry: Entry) -> tuple[int, ...]:
    """Return what grows after an entry was published: chapters, transcripts, people, comments.

    Comments count when they double, so that a lively thread changes an article ten times, not a thousand.
    """
    said = entry.podcast
    parts = (bool(said.chapters), len(said.transcripts), len(said.people)) if said else ()
    return (*parts, (entry.comment_count or 0).bit_length())


def _hash(fields: Iterable[str]) -> str:
    data = "\x1f".join(fields).encode("utf-8", "replace")
    return blake2b(data, digest_size=20).hexdigest()


def _moment(entry: Entry) -> datetime:
    return entry.updated or entry.published or _NEVER
