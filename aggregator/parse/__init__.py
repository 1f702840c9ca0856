"""What does the document say? Bytes flow in, a ParsedFeed of identified entries flows out.

document  sniffs and dispatches          sandbox   the same, in processes that can be killed
repair    bytes and markup that parsers refuse
strict, xmlfeed, vocabulary              RSS and Atom into feedparser's raw values
mapping   raw values into entries: feedinfo, texts, links, dates, authors, categories, media, origin
jsonfeed  JSON Feed                      html      publishers' HTML made safe
identity  keys, digests, duplicates      newest    the cap on entries        clean  illegal characters

Nothing here touches the network, the database or a clock.
"""
