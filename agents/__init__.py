"""One package for each stage: `language`, `entities` and `sentiment`. Each offers `analyse`, `load` and `models`.

`normalization` gives all stages the same clean text, and `model_files` opens the files in `models`.
"""
