"""The headers of the record that follows one with given headers, held to the specifications."""

from __future__ import annotations

from streams.records import headers
from tests.support.specifications import breaches

NOW = 1_700_000_000.0
IDS = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
TRACE = f"00-{IDS}-01".encode()
Before = list[tuple[str, bytes | None]]


def after(
    *before: tuple[str, bytes | None], identifier: str = "x", time: float | None = NOW
) -> dict[str, bytes | None]:
    """The headers of the record after one with the headers `before`. They have to comply with the specifications."""
    event = headers.event(identifier, "raw", "urn:telex:publisher", before, time)
    assert not breaches(identifier.encode(), f'{{"id":"{identifier}","text":"a"}}'.encode(), event)
    return dict(event)
