"""What the webhooks worker reads of a match: its id, and the watch that found it."""

from __future__ import annotations

import msgspec

from streams.errors import Reason
from streams.records import originals
from streams.records.outcomes import Dead
from streams.worker.delivery import Record


class _Match(msgspec.Struct, frozen=True):
    id: str
    watch: str


_decoder = msgspec.json.Decoder(_Match)


def watch_of(record: Record) -> str | Dead:
    """The name of the watch of a match, or the dead letter of a record that is no match."""
    if unreadable := originals.dead_if_unreadable(record.original):
        return unreadable
    try:
        match = _decoder.decode(record.value or b"")
        if match.watch.encode() != record.key:
            raise ValueError("the key is not the name of the watch")
        return match.watch
    except (ValueError, RecursionError) as error:
        return Dead.of(Reason.INVALID_FIELD, ValueError(f"The record is no match: {error}."))


def id_of(record: Record) -> str:
    """The id of a match, which is the id of its webhook too. Raises msgspec.DecodeError for a record that is none."""
    return _decoder.decode(record.value or b"").id
