"""Lists of other programs in, a configuration a person would have written out.

    reading    which kind of list it is
    opml       OPML of any reader       \\
    planet     Planet, Venus, Pluto INI  >  imported  ->  wording  ->  YAML text
    osmosfeed  its YAML                 |
    addresses  one a line               /
    labels, conditions    folders become tags, filters become queries
    attributes            what FreshRSS and Miniflux add to OPML becomes settings

Whatever has no counterpart here is kept as a sentence and printed above the YAML. Nothing is
fetched, and no database is needed.
"""
