"""Recognition: the entities that a model finds in the texts of one article, whichever model reads its language.

`ner` is the way in: it chooses the model of a language and loads it. `encoder_model` and `spacy_model` are the two
kinds of models.
"""
