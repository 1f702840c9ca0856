"""Which articles belong where: pure decisions, values in and values out.

gate          polled entries -> what is new or changed, and whether it goes out now; its rules:
  unchanged     entries that were known by their bytes and not read
  edits         changed entries: worth telling or not
  reworded      headlines told again in other words
  withdrawn     articles that their publishers take back
  rekey         known articles under new keys
  sort_dates    the date an article is sorted by, fixed at first sight
  published_id  the id an article carries in our feeds
  burst         a flood goes out over a day
  takeover      what is unlike all before of its source waits for a person
  held          waiting, release, rejection, and what stands as it is
topics        topics and feeds an article belongs in, with the reason
stories       articles of several sources about the same thing
copies        copies of one thing -> one entry that names the others
arrange       the articles of a feed -> the ones shown, in order
rolls         several entries told in one
rewrite       articles changed on their way out, piece by piece (elements)
opt_out       who wants no part in this
"""
