"""Lists of other programs in, a configuration a person would have written out.

    opml       OPML of any reader       \\
    planet     Planet, Venus, Pluto INI  >  Imported  ->  wording  ->  YAML text
    osmosfeed  its YAML                 /

Whatever has no counterpart here is kept as a sentence and printed above the YAML. Nothing is
fetched, and no database is needed.
"""
