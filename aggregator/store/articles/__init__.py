"""Articles as rows: from a batch of polls in, through what editors decide, to search and retention.

knowing      what is stored of the entries of a poll       saving      all that a batch brought, at once
arriving     new and changed articles                      fulltext    their words
hashes       by which they are looked up
listing      read back in order of arrival                 recall      read for feeds, and remembered
word_index   the index of words, asked                     search      articles that a query matches
decisions    states, and where each stands from now on     marks       what editors decided by hand
affected     which ones changed rules may move             opted_out   which ones their publishers want out
events       what became of each                           retention   those past their time leave
page_texts   texts of their own pages                      robots      what sites say of that
"""
