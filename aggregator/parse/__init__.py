"""What does the document say? Bytes flow in, a ParsedFeed of identified entries flows out.

reading    one document of any kind of source, cut to its bounds
document   a feed: sniffs and dispatches    prefilter  leaves out the entries that were read before
charsets   what bytes are, and as which text    repair, clean  what parsers refuse
strict, shortcuts, xmlfeed, rawvalues       RSS and Atom into feedparser's raw values
vocabulary, media_vocabulary                elements that feedparser loses
mapping    raw values into entries: feedinfo, texts, links, dates, authors, media, podcast
jsonfeed, jsonsource, sitemap, pages        what is neither RSS nor Atom
when, calendar_words                        dates as people write them
html       publishers' HTML made safe       markup     which parameters and frames stay
fallbacks  what it holds for readers without scripts or formulas
identity   keys, digests, duplicates, the cap on entries
discovery  the feed of a page               failures   why a document was not taken
sandbox    all of this in processes that can be killed: sandbox_lane, sandbox_reader, sandbox_process;
           slim and wire are how their messages travel, heap gives back what large documents took

Nothing here touches the network, the database or a clock.
"""
