"""Web pages without a feed are read as if they had one: HTML flows in, entries flow out.

tree        text             -> a tree with absolute addresses known
selectors   tree, selectors  -> texts, addresses, dates, HTML
structured  tree             -> what JSON-LD, microdata and OpenGraph say
item        one block        -> title, link, date, ... found by themselves
headlines   tree             -> the blocks that are headlines, found by themselves
body        tree             -> the text of an article page, without what stands around it
page        all of these     -> ParsedFeed
article     all of these     -> the text of one article; fulltext: from its bytes
"""
