"""The product in three sentences, and what else reads the store, calls stages and writes what comes of it.

polls      poll_source: ask a source and read what it sends         (network and CPU; writes nothing)
intake     take_in: admit, place and keep a batch of polls          (one short transaction)
editions   publish_feed: read a feed's articles and write them out  (reads only)

gap                          poll_source reads what came between two polls
decision, telling, review    take_in decides on a poll, finds its stories, judges its source
ranking, issuing             the order of feeds with order: top, and issues, made when their time has come
apply, planning, lists       a configuration is put in force, or tried; lists of sources kept by others
editing, explaining, status  a person decides, asks why, looks

No stage calls another, or the store: that is done here, and nowhere else below web, daemon and cli.
"""
