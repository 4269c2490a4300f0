"""The stories of the stream: which articles are copies or edits of others, and which report the same event."""
