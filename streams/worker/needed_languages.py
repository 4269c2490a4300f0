"""The languages whose models a worker has needed, in a file of its folder.

A model is loaded when the first article needs it, which takes seconds. A worker that starts again takes partitions from
others, whose articles would wait meanwhile. So it loads the models that it needed before it joins the group.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

import msgspec

logger = logging.getLogger(__name__)

# Maximum size of the file in bytes, some ten times that of all languages.
MAX_BYTES = 10_000


class NeededLanguages:
    """The file of one worker. It only saves time: without it, or when it cannot be read, nothing is known.

    Args:
        folder: of the worker. It is made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "languages.json"

    def read(self) -> set[str]:
        """The languages (ISO 639-1)."""
        try:
            with self._file.open("rb") as file:
                return msgspec.json.decode(file.read(MAX_BYTES), type=set[str])
        except (OSError, msgspec.MsgspecError) as error:
            logger.debug("%s cannot be read: %s", self._file, error)
            return set()

    def write(self, languages: Collection[str]) -> None:
        """Replace the languages."""
        new = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(msgspec.json.encode(sorted(languages)))
            new.replace(self._file)
        except OSError as error:
            logger.debug("%s cannot be written: %s", self._file, error)
