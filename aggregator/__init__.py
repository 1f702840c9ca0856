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

Below them all stands child_process: work that leaves much behind, done in a process of its own.
"""

__version__ = "1.0.0"
