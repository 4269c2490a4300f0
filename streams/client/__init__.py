"""The clients: publish articles, subscribe to the enriched ones, and read the state of the pipeline."""
