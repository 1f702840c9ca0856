"""Stories: articles of several sources about the same thing. Values in, values out, no clock.

told          what the index is told of an article, and what it decides
vocabulary    words that tell no two stories apart
everyday      words common in any text
sketch        headline and first sentences -> the few words an article is known by
links         a link -> its canonical form, the same for all its spellings
outlets       who speaks: the registrable domain that several feeds share
evidence      how alike an article and a story are, and what speaks against it
lexicon       every word with how rare it is and which stories have it
index         the stories of the last days: told article by article, it decides online
grouping      articles -> the story of each: all of it as one pure function
"""
