"""Which tests run in one process when several processes share them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadFileScheduling

# The fixture of the pipeline that tests share. It belongs to a process, and takes 10 s of a processor to start.
SHARED_PIPELINE = "whole_pipeline"


class FilesTogether(LoadFileScheduling):  # type: ignore[misc]
    """The tests of a file run in one process, as with pytest-xdist's own `loadfile`.

    All files with the shared pipeline run in the same process, so that it starts once.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return SHARED_PIPELINE if _has_shared_pipeline(self.config.rootpath / file) else file


@cache
def _has_shared_pipeline(file: Path) -> bool:
    return f"{SHARED_PIPELINE}:" in file.read_text(encoding="utf-8")
