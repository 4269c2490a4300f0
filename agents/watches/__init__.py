"""The watches stage: which standing queries an article meets."""
