"""The multilingual encoder: one set of weights that reads every language, for entities and for sentiment."""
