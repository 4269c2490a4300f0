"""Names that a package imports only when somebody uses them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from typing import Any


def lazily_from(module: str, names: Collection[str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package (PEP 562) that imports `names` from `module` at their first use.

    Every command imports the packages of the stages for their `agent.py`, and only analysis processes need the
    analysers, which take up to 0.4 s to import.
    """

    def getattr_of_package(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module.rpartition('.')[0]!r} has no attribute {name!r}")
        return getattr(importlib.import_module(module), name)

    return getattr_of_package
