"""A small disk that can be filled up: a file system of its own, in memory."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

# Room for a broker's data in these tests several times over.
SIZE = "256m"


class Disk:
    """The folder is such a disk for the length of the `with`; where it cannot be mounted, an ordinary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._why_not = ""

    def require(self) -> None:
        """Skips the test where the disk could not be mounted."""
        if self._why_not:
            pytest.skip(f"a disk to fill up needs a file system of its own: {self._why_not}")

    def fill(self) -> None:
        """Leave not a byte."""
        with suppress(OSError), (self.folder / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(2**20))

    def make_room(self) -> None:
        """Take away what `fill` put there."""
        (self.folder / "filler").unlink()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        if os.geteuid():
            self._why_not = "only root may mount one"
            return self
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "telex", self.folder]
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
        self._why_not = mounted.stderr.strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._why_not:
            subprocess.run(["umount", "--lazy", self.folder], check=True)
