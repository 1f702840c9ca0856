"""Mistakes that people make in a configuration, and what each is called."""

from __future__ import annotations

URL = "https://a.example/feed"

#: what is wrong -> (file, the one problem)
MISTAKES = {
    "an unknown section": ("sorces: []", "1:1: sorces: unknown key; did you mean sources?"),
    "an unknown key": ("site: {titel: x}", "1:8: site.titel: unknown key; did you mean title?"),
    "an unknown key with a hyphen": (
        "fetch: {per-host: 2}",
        "1:9: fetch.per-host: unknown key; did you mean per_host?",
    ),
    "an unknown key like no other": ("site: {xyzzy: x}", "1:8: site.xyzzy: unknown key"),
    "a key of another program": (
        f"sources: [{{url: {URL}, interval: 1h}}]",
        "1:41: sources[0].interval: unknown key; write every",
    ),
    "a section where a list belongs": (
        f"sources:\n  bbc: {URL}",
        "2:3: sources: expected a list, found a section of keys; begin each entry with a dash",
    ),
    "a dash without its blank": (
        f"sources:\n  -url: {URL}",
        "2:3: sources: expected a list, found a section of keys; put a blank behind the dash",
    ),
    "a list where names belong": (
        "feeds:\n  - query: x",
        "2:3: feeds: expected a section of keys, found a list; begin each entry with a name and a colon, "
        "not with a dash",
    ),
    "a key of a section that is somewhere else": ("web: {title: x}", "1:7: web.title: unknown key"),
    "a list where a section belongs": ("site: []", "1:7: site: expected a section of keys, found a list"),
    "a section where text belongs": (
        "site:\n  title: {a: b}",
        "2:10: site.title: expected text, found a section of keys",
    ),
    "nothing where text belongs": ("site:\n  title:", "2:9: site.title: expected text, found nothing"),
    "blank text": ("site:\n  title: '  '", "2:10: site.title: is empty"),
    "a word where a number belongs": (
        "web: {processes: two}",
        "1:18: web.processes: expected a whole number, found 'two'",
    ),
    "a number outside its range": ("web: {processes: 65}", "1:18: web.processes: 65 is outside 1 to 64"),
    "text where a list belongs": (
        f"sources: [{{url: {URL}, tags: news}}]",
        "1:47: sources[0].tags: expected a list, found 'news'; write [ ] around it",
    ),
    "a source without address": (
        "sources:\n  - name: A",
        "2:5: sources[0]: needs exactly one of url, page, json, sitemap, file, opml; found none",
    ),
    "a source with two addresses": (
        "sources:\n  - {url: 'https://a.example/feed', page: 'https://a.example/'}",
        "2:5: sources[0]: needs exactly one of url, page, json, sitemap, file, opml; found url and page",
    ),
    "where a text stands in pages that nobody reads": (
        f"sources: [{{url: {URL}, text: .body}}]",
        "1:47: sources[0].text: only `content: full-text` reads the pages in which it would be looked for",
    ),
    "a selector of a text that is none": (
        f"defaults: {{content: full-text}}\nsources: [{{url: {URL}, text: 'div['}}]",
        "2:47: sources[0].text: 'div[' is no CSS selector: Expected ident or '*', got <EOF at 4>",
    ),
    "a selector that is none": (
        "sources:\n  - page: https://a.example/\n    items: 'div['",
        "3:12: sources[0].items: 'div[' is no CSS selector: Expected ident or '*', got <EOF at 4>",
    ),
    "a path that is none": (
        "sources:\n  - json: https://a.example/\n    fields: {title: 'a[?x]'}",
        "3:21: sources[0].fields.title: 'a[?x]' is no path: it cannot be read from '[?x]' on",
    ),
    "selectors for a feed": (
        "sources:\n  - url: https://a.example/\n    items: article",
        "2:5: sources[0]: `items` and `fields` are for page, json and file; a url needs none",
    ),
    "a field that is none": (
        "sources:\n  - page: https://a.example/\n    fields: {titel: h2}",
        "3:14: sources[0].fields.titel: 'titel' is not known here; did you mean title?",
    ),
    "a source that is only an address": (
        f"sources:\n  - {URL}",
        "2:5: sources[0]: expected a section of keys, found 'https://a.example/feed'; write `url:` before it",
    ),
    "a key without its blank": (
        f"sources:\n  - url:{URL}",
        "2:5: sources[0]: expected a section of keys, found 'url:https://a.example/feed'; "
        "put a blank behind `url:`",
    ),
    "a feed that is only a query": (
        "feeds:\n  news: uk",
        "2:9: feeds.news: expected a section of keys, found 'uk'; write it on the next line, behind `query:`",
    ),
    "a text for a section of a source": (
        f"sources: [{{url: {URL}, gate: x}}]",
        "1:47: sources[0].gate: expected a section of keys, found 'x'",
    ),
    "a name of a feed with accents": (
        "feeds: {Économie & Été: {}}",
        "1:9: feeds.Économie & Été: may hold lower-case letters a-z, digits and single hyphens between them, "
        "100 at most; write economie-ete",
    ),
    "a duration without unit": (
        "fetch: {timeout: 30}",
        "1:18: fetch.timeout: a duration needs a unit: write 30s, 30m, 30h or 30d",
    ),
    "a duration like a clock": (
        "defaults: {every: 12:30}",
        "1:19: defaults.every: a duration is not a clock time: write 12h or 12m, for example",
    ),
    "a duration of an unknown unit": (
        "defaults: {keep: 3 fortnights}",
        "1:18: defaults.keep: not a duration: write a number and a unit, such as 30s, 15m, 2h, 7d, 4w or 1y",
    ),
    "a duration too long": ("fetch: {timeout: 1h}", "1:18: fetch.timeout: longer than 10m"),
    "a size without unit": (
        "fetch: {max_wire_bytes: 10}",
        "1:25: fetch.max_wire_bytes: a size needs a unit: write 10B, or a number of kB or MB",
    ),
    "a size that is none": (
        "fetch: {max_decoded_bytes: big}",
        "1:28: fetch.max_decoded_bytes: not a size: write a number and a unit, such as 500kB, 10MB or 16MiB",
    ),
    "a URL of another scheme": (
        "sources: [{url: ftp://a.example/}]",
        "1:17: sources[0].url: not a web address: write http:// or https:// and a host",
    ),
    "a URL of a file": (
        "sources: [{url: file:///etc/passwd}]",
        "1:17: sources[0].url: not a web address: write http:// or https:// and a host",
    ),
    "a URL without host": ("sources: [{url: 'http://'}]", "1:17: sources[0].url: the host is missing"),
    "a URL with a blank": (
        "sources: [{url: http://a b.example/}]",
        "1:17: sources[0].url: a URL holds no blanks and no backslashes",
    ),
    "a URL with a port out of range": (
        "sources: [{url: 'http://a.example:99999/'}]",
        "1:17: sources[0].url: not a web address: its host or port cannot be read",
    ),
    "a URL with a broken IPv6 host": (
        "sources: [{url: 'http://[::1/'}]",
        "1:17: sources[0].url: not a web address: its host or port cannot be read",
    ),
    "a URL with a host that is no IPv4 address": (
        "sources: [{url: http://1.2.3.400/}]",
        "1:17: sources[0].url: the host is no valid IPv4 address",
    ),
    "a URL with a password": (
        "sources: [{url: https://me:hush@a.example/}]",
        "1:17: sources[0].url: a user name or password in a URL would be published with it; remove it",
    ),
    "a base URL with a query": (
        "site: {url: http://a.example/?x}",
        "1:13: site.url: a base URL has no ? and no #",
    ),
    "a time zone that is none": (
        "site: {timezone: Europe/Lodnon}",
        "1:18: site.timezone: unknown time zone; did you mean Europe/London?",
    ),
    "a time zone by its initials": (
        "site: {timezone: BST}",
        "1:18: site.timezone: unknown time zone; write one such as Europe/London",
    ),
    "a file of another program": (
        "[site]\ntitle = x\n",
        "2:1: not valid YAML: did not find expected <document start>; "
        "a section is written as site: and not as [site]",
    ),
    "a list of addresses": (
        URL,
        f"1:1: expected a section of keys, found '{URL}'; "
        "`aggregator import` turns the lists of other programs into such a file",
    ),
    "a time zone that climbs": (
        "site: {timezone: ../../etc/passwd}",
        "1:18: site.timezone: unknown time zone; write one such as Europe/London",
    ),
    "a language with an underscore": (
        "site: {language: en_GB}",
        "1:18: site.language: a language tag has hyphens: write en-GB",
    ),
    "a language by its name": (
        "site: {language: english}",
        "1:18: site.language: not a language tag: write one such as en, en-GB or zh-Hant (BCP 47)",
    ),
    "a contact that is none": (
        "site: {contact: me}",
        "1:17: site.contact: neither an e-mail address nor a web address",
    ),
    "a port alone": (
        "web: {listen: 8000}",
        "1:15: web.listen: not host:port: write 127.0.0.1:8000 or [::1]:8000, for example",
    ),
    "an IPv6 host without brackets": (
        "web: {listen: '::1:8000'}",
        "1:15: web.listen: not host:port: write 127.0.0.1:8000 or [::1]:8000, for example",
    ),
    "no host before the port": (
        "web: {listen: ':8000'}",
        "1:15: web.listen: the host is missing: 127.0.0.1:8000 is this machine only, "
        "0.0.0.0:8000 is everybody",
    ),
    "a network with bits beyond its prefix": (
        "fetch: {allow_private: [10.1.2.3/8]}",
        "1:25: fetch.allow_private[0]: the address has bits beyond its prefix: write 10.0.0.0/8",
    ),
    "an admission that is neither": (
        "fetch: {allow_private: [intranet]}",
        "1:25: fetch.allow_private[0]: not a network or host:port: write 10.0.0.0/8 or "
        "127.0.0.1:8080, for example",
    ),
    "a User-Agent of two lines": (
        'fetch: {user_agent: "a\\nb"}',
        "1:21: fetch.user_agent: a User-Agent is one line of at most 300 plain ASCII characters",
    ),
    "a database of another engine": (
        "database: mysql://x",
        "1:11: database: not a database URL: write sqlite:///aggregator.db or "
        "postgresql://user:password@host/name",
    ),
    "a SQLite path without its third slash": (
        "database: sqlite://a.db",
        "1:11: database: a SQLite URL has three slashes before a relative path, four before an absolute one",
    ),
    "a database in memory": (
        "database: 'sqlite://'",
        "1:11: database: a database in memory is not shared between processes; name a "
        "file: sqlite:///aggregator.db",
    ),
    "a content policy that is none": (
        "defaults: {content: sumary}",
        "1:21: defaults.content: 'sumary' is not known here; did you mean summary?",
    ),
    "an order that is none": (
        "feeds: {all: {order: tops}}",
        "1:22: feeds.all.order: 'tops' is not known here; did you mean top?",
    ),
    "an order of nothing": ("feeds: {all: {order: }}", "1:22: feeds.all.order: expected text, found nothing"),
    "an address in the place of a feed": (
        "webhooks: {w: {feed: 'https://h.example/secret', url: 'https://h.example/x'}}",
        "1:22: webhooks.w.feed: may hold lower-case letters a-z, digits and single hyphens "
        "between them, 100 at most",
    ),
    "an address without its key, with a password that holds an @": (
        "sources: ['https://ann:a@b@news.example/feed']",
        "1:11: sources[0]: expected a section of keys, found 'https://…@news.example/feed'; "
        "write `url:` before it",
    ),
    "a per_source that is none": (
        "feeds: {all: {per_source: 5 a day}}",
        "1:27: feeds.all.per_source: write a number of articles, such as 5 or 5 per day",
    ),
    "a slug with capitals": (
        "feeds: {Front: {}}",
        "1:9: feeds.Front: may hold lower-case letters a-z, digits and single hyphens "
        "between them, 100 at most; write front",
    ),
    "an id with a blank": (
        f"sources: [{{url: {URL}, id: a b}}]",
        "1:45: sources[0].id: may hold lower-case letters a-z, digits and single hyphens "
        "between them, 100 at most; write a-b",
    ),
    "a tag of two words": (
        f"sources: [{{url: {URL}, tags: [a b]}}]",
        "1:48: sources[0].tags[0]: a tag is one word, at most 60 letters, digits, hyphens and dots; "
        "write free-licence for example",
    ),
    "a weight that is none": (
        "sources: [{file: a, weight: 101}]",
        "1:29: sources[0].weight: a weight is a number from 0 to 100, found '101'",
    ),
    "a newsletter of no feed": (
        "feeds: {daily: {}}\nmail: {host: h.example, from: a@b.example}\n"
        "newsletters: {n: {feed: dayly, schedule: '0 7 * * *'}}",
        "3:25: newsletters.n.feed: there is no feed dayly; did you mean daily?",
    ),
    "a topic without query": (
        "topics: {economy: {title: E}}",
        "1:19: topics.economy.query: is required and missing",
    ),
    "a topic of nothing": ("topics:\n  economy:", "2:11: topics.economy: needs a query"),
    "a url twice": (
        f"sources:\n  - url: {URL}\n  - url: {URL}",
        "3:10: sources[1].url: another source has this url already, on line 2",
    ),
    "a source twice by an alias": (
        f"sources:\n  - &one {{url: {URL}}}\n  - *one",
        "2:16: sources[1].url: another source has this url already, on line 2",
    ),
    "a name twice, but for case and marks": (
        "sources:\n  - {url: http://a.example/, name: A B}\n  - {url: http://b.example/, name: a-b}",
        "3:36: sources[1].name: another source has this name already, on line 2",
    ),
    "an id twice": (
        "sources:\n  - {url: http://a.example/, id: x}\n  - {url: http://b.example/, id: x}",
        "3:34: sources[1].id: another source has this id already, on line 2",
    ),
    "an id that is another's slug": (
        "sources:\n  - {url: http://a.example/, name: The X}\n  - {url: http://b.example/, id: the-x}",
        "3:34: sources[1].id: the source named on line 2 has this slug",
    ),
    "a poll every few seconds": (
        f"sources: [{{url: {URL}, every: 59s}}]",
        "1:48: sources[0].every: shorter than 60s; only hosts named in "
        "fetch.allow_private may be polled more often",
    ),
    "a default of a few seconds": (
        f"defaults: {{every: 5s}}\nsources: [{{url: {URL}}}]",
        "1:19: defaults.every: shorter than 60s; only hosts named in fetch.allow_private "
        "may be polled more often",
    ),
    "an unset variable": (
        "site: {title: '${NOT_SET}'}",
        "1:15: site.title: the environment variable NOT_SET is not set or empty; "
        "${NOT_SET:-…} gives a default",
    ),
    "a placeholder that is none": (
        "site:\n  title: ${a b}",
        "2:10: site.title: ${a b} is no ${NAME}, ${NAME:-default} or ${file:path}",
    ),
    "a placeholder without end": (
        "site: {title: '${A'}",
        "1:15: site.title: ${ without its }; write $${ for a literal ${",
    ),
    "a secret file that is missing": (
        "site:\n  title: ${file:secret}",
        "2:10: site.title: the file secret of ${file:…} is not there, or is no file",
    ),
}
