"""A disk that a test can fill: a file system of its own, in memory."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

# Several times the size of a broker's data in these tests.
SIZE = "256m"


class Disk:
    """Mounts the disk at a folder until the end of the `with`. If that is not possible, the folder is an ordinary one.

    Args:
        folder: the mount point, which the disk creates.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mount_error = ""

    def require(self) -> None:
        """Skip the test if the disk could not be mounted."""
        if self._mount_error:
            pytest.skip(f"a disk to fill needs a file system of its own: {self._mount_error}")

    def fill(self) -> None:
        """Fill the disk to the last byte."""
        with suppress(OSError), (self.folder / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(2**20))

    def free_space(self) -> None:
        """Delete the file that `fill` wrote."""
        (self.folder / "filler").unlink()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        if os.geteuid():
            self._mount_error = "only root may mount one"
            return self
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "telex", str(self.folder)]
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
        self._mount_error = mounted.stderr.strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._mount_error:
            subprocess.run(["umount", "--lazy", self.folder], check=True)
