"""The sources that a worker names, in a file of its folder: a worker that starts again gives the same names."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

logger = logging.getLogger(__name__)

# Maximum size of the file in bytes. The most sources with the longest names and the most languages fit.
MAX_BYTES = 1_000_000


class KnownSource(Struct, frozen=True, array_like=True):
    """A source that has a name.

    Attributes:
        score: of `SourceRanking`.
        last_article: when its newest article in each language was published, in seconds since 1970.
    """

    score: float
    last_article: dict[str, float]


class SourceMemory:
    """The file of one worker. Without it, or when it cannot be read, nothing is known.

    Args:
        folder: of the worker. It is made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "sources.json"

    def read(self) -> dict[str, KnownSource]:
        """The sources by their names."""
        try:
            with self._file.open("rb") as file:
                return msgspec.json.decode(file.read(MAX_BYTES), type=dict[str, KnownSource])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            logger.debug("%s cannot be read: %s", self._file, error)
            return {}

    def write(self, sources: Mapping[str, KnownSource]) -> None:
        """Replace the sources. Where that is impossible, as on a full disk, the file stays as it is."""
        new = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(msgspec.json.encode(sources))
            new.replace(self._file)
        except OSError as error:
            logger.debug("%s cannot be written: %s", self._file, error)
