"""Lists of other programs in, a configuration a person would have written out.

    reading    which kind of list it is
    opml       OPML of any reader            \\
    records    JSON of Miniflux and Feedbin   |
    planet     Planet, Venus, Pluto INI       |
    funnel     rss-funnel's YAML               >  imported  ->  feeds, wording  ->  YAML text
    osmosfeed  its YAML                       |
    addresses  one a line                    /
    labels, conditions         folders become tags, filters become queries
    attributes                 what FreshRSS and Miniflux say of a feed becomes settings
    accepting                  what our schema takes of that
    miniflux, freshrss, xpath  their rules, searches and pages, in our words
    feeds                      one of everything, one for each folder, filters as rule sets

Whatever has no counterpart here is kept as a sentence and printed above the YAML. Nothing is
fetched, and no database is needed.
"""
