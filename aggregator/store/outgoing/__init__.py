"""What goes out by itself, as rows: newsletters, webhooks, and what entered a feed since."""
