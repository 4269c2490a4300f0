"""People: which words are the name of a person, and where it begins and ends.

`person_names` is the way in for the mentions of an article. `generations` serves coreference too.
"""
