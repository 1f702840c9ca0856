"""How is it written? Editions and articles flow in, documents, pages' values and messages flow out.

render       an edition as Atom, RSS or JSON Feed: body, codings, validators
  atom, rss, jsonfeed    the formats, through feedgen_parts
  outgoing   an item as every format writes it       whole      what all say of a feed, and entries
  media      podcasts and pictures                   history    archives, and what was taken back
  rolls      several entries told in one             problems   what is wrong, as items of a feed
pages        a feed or an article as templates show it, with headlines, leading (the beginning of a text),
             frontpage, sharing (for other sites)
opml         lists that feed readers import
digest       an edition as mail                      calls      an entry as a webhook is told
addresses, titles, dates, characters                 what all of them spell alike
lru          what was written is kept, in bounded memory

Nothing here knows the time, the request or the store.
"""
