"""The query language: one language for topics, feeds, the ``?q=`` of published feeds and search.

text       HTML and text -> folded words, one rule for memory and for search
wording    the words of an entry, worked out once
sketch     headline and first sentences -> the few words stories know an article by
stopwords  words that tell no two stories apart
fields     which fields exist and how their values are read
scan       the checks that need no grammar: limits, quotes, brackets, capitals
parse      query text -> Node (the only importer of luqum)
regex      patterns between slashes (the only importer of re2)
nodes      the small frozen tree that a query is
document   an article as queries see it
match      Node -> Matcher: does this document match, and by which part
glossary   rule sets and topics -> what their names stand for
explain    Node, document -> why or why not, part by part
terms      Node -> the words a database can look for beforehand
rulebook   many queries at once: which of them can match this document
bylines    names of authors -> what their pages are found under
selector, jsonpath    where values stand in pages and in JSON that are no feeds
examples   the language as pages show it
"""
