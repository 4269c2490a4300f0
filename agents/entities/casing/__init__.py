"""Casing: words in capitals as sentences write them, so that a model reads agency copy and headlines like other text.

`sentence_case` is the way in. `case_spans` finds the lines in capitals, and `word_case` the usual form of a word.
"""
