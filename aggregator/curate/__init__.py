"""Which articles belong where: pure decisions, values in and values out.

gate          polled entries -> what is new or changed, and whether it goes out now
published_id  the id an article carries in our feeds
sort_dates    the date an article is sorted by, fixed at first sight
topics        topics and feeds an article belongs in, with the reason
arrange       the articles of a feed -> the ones shown, in order
"""
