"""The sample articles that all stages analyse."""

from __future__ import annotations

from streams.cli.throwaway import seeds
from streams.client import article_files
from streams.records import codec
from streams.worker import analysers

# The languages in seeds/ that all stages analyse.
LANGUAGES = ("fr", "en")


def samples() -> list[tuple[str, bytes]]:
    """The language and the record of each sample article in one of LANGUAGES.

    Raises:
        TelexError: the sample articles are not installed.
    """
    values = [value for path in seeds("bench") for _, value in article_files.read(path)]
    languages = analysers.find("language").analyse([codec.decode_raw(value) for value in values])
    codes = [getattr(language, "code", None) for language in languages]
    return [(code, value) for code, value in zip(codes, values, strict=True) if code in LANGUAGES]
