"""Telex: raw news articles go in, articles with their language, entities and sentiment come out.

The library: `Publisher` and `Subscriber`, their `Settings`, and the errors that they raise.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.client.publisher import Publisher
    from streams.client.received import Received
    from streams.client.subscriber import Subscriber
    from streams.errors import Reason, RecordError, TelexError, UnreachableError
    from streams.settings import Settings

__all__ = ["Publisher", "Reason", "Received", "RecordError", "Settings", "Subscriber", "TelexError", "UnreachableError"]

_MODULES = {
    **dict.fromkeys(("Reason", "RecordError", "TelexError", "UnreachableError"), "errors"),
    "Received": "client.received",
    "Subscriber": "client.subscriber",
    "Publisher": "client.publisher",
    "Settings": "settings",
}


def __getattr__(name: str) -> Any:
    # Imported at the first use (PEP 562): an analysis process does not need Kafka's client, which takes 0.3 s to
    # import.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
