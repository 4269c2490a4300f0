"""The files that Telex's models are stored in: arrays under names, and nothing that could run."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from streams.errors import TelexError


@contextmanager
def stored(file: Path, what: str) -> Iterator[np.lib.npyio.NpzFile]:
    """The arrays of a file. Raises TelexError that says what it should be, also when what is wanted is not in it."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            yield arrays
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise TelexError(f"The {what} {file} cannot be read ({error}): install Telex again.") from error
