"""The web page: enriched articles as they arrive, as server-sent events and as JSON, and the page that shows them."""
