"""The clients: publish articles, subscribe to enriched articles, and read the status of the pipeline."""
