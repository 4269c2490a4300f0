"""Opens the files of Telex's models: named NumPy arrays, without any code that could run."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from streams.errors import TelexError


@contextmanager
def open_model_file(file: Path, description: str) -> Iterator[np.lib.npyio.NpzFile]:
    """The arrays of a file by their names.

    Args:
        file: an .npz file.
        description: what the file is, for the error: "language model".

    Raises:
        TelexError: the file cannot be read, or an array that the caller asks for is missing.
    """
    try:
        # np.load leaves a file open that it opened itself and cannot read.
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            yield arrays
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise TelexError(f"The {description} {file} cannot be read ({error}): install Telex again.") from error
