"""The web: a request in, an answer out, from what the store holds; nothing is polled or decided here.

serve, wsgi    the server and its processes          app         the Flask application, put together
thin           layers in front of Flask              patience    request bodies that do not come
questions      so few searches at once that everything else goes on
desk           what the web reads of the store and keeps at hand: standing (one look at everything), cache
               (its memories), following (told of changes instead of looking)
answers        the one function that makes HTTP answers, with conditional (304) and negotiation
current        Flask's side of both: the desk of the running app, answers as responses, pages from memory
feeds          documents for feed readers, with narrowing (?q=), aliases (old paths), access
               (tokens), counted (for metrics), roster (lists of everything)
pages          pages for people, with articles, searching, editions, stories, about, status,
               newsletters, errors; templates by theme, fragments (HTML that is remembered), static (files)
admin, hub     the editors' page, and pushing: with newsletters the only routes that write
health, metrics, crawlers    for machines that watch or walk
export         the whole site as files, by walking the application, into an export_folder
"""
