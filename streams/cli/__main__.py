"""`python -m streams.cli` is `telex`."""

from streams.cli import main

main()
