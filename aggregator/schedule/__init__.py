"""When do we ask again? Values in, a time and one sentence out; the clock is an argument.

plan         a poll's outcome -> the next poll and why: backoff (after failures), wishes (of server and
             document), cadence (everything else), pushed (where a hub delivers)
rhythm       what is expected of a source, by views (guesses) of the week
lookahead    the cheapest next poll for an expectation        spread    the same fraction for the same text
outage       is it our own network?                           trouble   what a person should look at
issues       when an issue of a time-shaped feed is due       words     durations as people read them
"""
