"""Feeds as rows: what is in each, in which order, its versions, archives and issues.

configured   topics and feeds as the file has them         heads       feeds without their articles
placing      which feeds an article is in from now on      rejudging   the same where a rule changed
items        the articles of a feed, and its feeds         bylines     feeds of authors, who have no rows
live         the live document                             versions    what tells that something changed
archiving    parts of the past are closed                  archives    and read back as they were
issues       what was chosen at a set time                 ranks       the order of `order: top`
tokens       who may read private feeds
"""
