"""The worker that sends matches to the URLs of their watches, as webhooks."""
