"""Who is told? What is to be sent flows in, what became of it flows out.

hub          our hub's requests to its subscribers       hub_form    what is posted to our hub, checked
subscriber   our requests to hubs of others              links       which hubs a publisher names
mail         messages to the mail server                 webhook     calls of webhooks
signature    of what is pushed or called

Requests go through the guarded client; nothing is stored here, or raised for what others do.
"""
