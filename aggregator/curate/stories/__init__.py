"""Stories: articles of several sources about the same thing. Values in, values out, no clock.

told          what the index is told of an article, and what it decides
vocabulary    words that tell no two stories apart
everyday      words common in any text
sketch        headline and first sentences -> the few words an article is known by
links         a link -> its canonical form, the same for all its spellings
outlets       who speaks: the registrable domain that several feeds share
evidence      what words weigh, what speaks against a likeness, how much is enough: all that is tuned
lexicon       every word with how rare it is and which stories have it
story         what one story is known by
index         the stories of the last days: told article by article, it decides online
grouping      articles -> the story of each: all of it as one pure function
"""
