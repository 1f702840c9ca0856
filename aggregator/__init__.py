"""A self-hosted RSS/Atom feed aggregator: sources in YAML, one store, combined and topic feeds out.

The folders are the data flow; imports point down only (a test says so):

    cli  >  daemon | web  >  pipeline
         >  config | fetch | parse | store | schedule | curate | publish | deliver
         >  query | http  >  model : errors

pipeline strings the stages together. Below them all stands child_process: work that leaves much behind,
done in a process of its own.
"""

__version__ = "1.0.0"
