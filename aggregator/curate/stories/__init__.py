"""Stories: articles of several sources about the same thing. Values in, values out, no clock.

told          what the index is told of an article, and what it decides
links         a link -> its canonical form, the same for all its spellings
outlets       who speaks: the registrable domain that several feeds share
features      a sketch -> the words it is compared by and what each weighs
names         how names meet
lexicon       every word with how rare it is and which stories have it
weighed       an article as it is compared: all that does not depend on the story
story         what is kept of a story: sketches
outline       a sketch -> what only a likely story is compared by
portrait      a story -> what an article is compared with, drawn from its sketches
evidence      what speaks against a likeness, how much is enough
index         the stories of the last days: told article by article, it decides online
grouping      articles -> the story of each: all of it as one pure function
"""
