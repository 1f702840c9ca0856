"""Who is told? What is to be sent flows in, what became of it flows out.

hub          our hub's requests to its subscribers       hub_form    what is posted to our hub, checked
subscriber   our requests to hubs of others              links       which hubs a publisher names
reach        whether hubs can reach us                   signature   of pushed content
mail         messages to the mail server                 webhook     calls of webhooks

Requests go through the guarded client; nothing is stored here, or raised for what others do.
"""
