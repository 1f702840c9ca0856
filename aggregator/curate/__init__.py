"""Which articles belong where: pure decisions, values in and values out.

gate          polled entries -> what is new or changed, and whether it goes out now; its rules:
  edits         changed entries: worth telling or not
  rekey         known articles under new keys
  sort_dates    the date an article is sorted by, fixed at first sight
  published_id  the id an article carries in our feeds
  burst         a flood goes out over a day
  held          waiting, release and rejection
topics        topics and feeds an article belongs in, with the reason
copies        copies of one thing -> one entry that names the others
arrange       the articles of a feed -> the ones shown, in order
rewrite       articles changed on their way out
"""
