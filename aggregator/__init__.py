"""A self-hosted RSS/Atom feed aggregator: sources in YAML, one store, combined and topic feeds out.

The folders are the data flow; imports point down only (a test says so):

    cli  >  daemon | web  >  pipeline
         >  config | fetch | parse | store | schedule | curate | publish | deliver
         >  query | http  >  model : errors

pipeline strings the stages together. Beside it stands what reads the store, calls stages and writes what
comes of it:

    decision, telling, review              a poll is decided on, its stories are found, its source is judged
    editions, ranking, issuing             what a feed holds, in which order; issues of time-shaped feeds
    apply, planning, lists                 a configuration is put in force, or tried; lists kept by others
    editing, explaining, status            a person decides, asks why, looks
    full_texts                             texts of articles' own pages

Below them all: json_values (frozen values as JSON), packing (an entry as stored), lru (a cache), and for
processes that live long storethread (the one that speaks SQL), child_process (work that leaves much behind)
and heap (memory given back).
"""

__version__ = "1.0.0"
