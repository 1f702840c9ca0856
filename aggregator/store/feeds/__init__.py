"""Feeds as rows: what is in each, in which order, its versions, archives and issues.

configured   topics and feeds as the file has them         placing     which feeds an article is in
placements   feeds read: heads, articles newest first      bylines     the same for authors, who have no rows
live         the live document                             versions    what tells that something changed
archiving    parts of the past are closed                  archives    and read back as they were
issues       what was chosen at a set time                 ranks       the order of `order: top`
days         what there was on which day                   tokens      who may read private feeds
"""
