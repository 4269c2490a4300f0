"""The outcome of an article in a stage, and the frames between a worker and its analysis processes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from streams.errors import Reason
from streams.records import Analysis, Entities, Language, NotAnalysed, Sentiment


class Done(Struct, frozen=True, tag="done", array_like=True):
    """The article has its analysis.

    Attributes:
        value: the record for the next topic.
        article_id: the article's id.
        language: the article's language (ISO 639-1), or `unknown`.
        analysed: True for a result, False for a reason why there is none.
        tally: the number of results of each kind: languages, entity types, labels.
        seconds: the duration of the analysis.
    """

    value: bytes
    article_id: str
    language: str
    analysed: bool
    tally: dict[str, int]
    seconds: float


class Dead(Struct, frozen=True, tag="dead", array_like=True):
    """The record becomes a dead letter, with the code of the reason, a sentence, and the name of the exception."""

    reason: Reason
    message: str
    exception: str
    attempts: int = 1


class Ready(Struct, frozen=True):
    """An analysis process has loaded its models, or has failed to load them, and `error` says why."""

    error: str | None = None


Outcome = Done | Dead
# The first four bytes of a frame are its length, big-endian.
LENGTH_BYTES = 4

_encoder = msgspec.msgpack.Encoder()
_values = msgspec.msgpack.Decoder(list[bytes | None])
_reply = msgspec.msgpack.Decoder(Ready | list[Done | Dead])


def encode_values(values: Sequence[bytes | None]) -> bytes:
    """The frame's content for a batch of records."""
    return _encoder.encode(values)


def decode_values(content: bytes) -> list[bytes | None]:
    """The batch of records in a frame's content."""
    return _values.decode(content)


def encode_reply(reply: Ready | Sequence[Outcome]) -> bytes:
    """The frame's content for the answer of an analysis process."""
    return _encoder.encode(reply)


def decode_reply(content: bytes) -> Ready | list[Done | Dead]:
    """The answer of an analysis process in a frame's content."""
    reply: Ready | list[Done | Dead] = _reply.decode(content)
    return reply


def tally(analysis: Analysis) -> dict[str, int]:
    """The number of results of each kind, for the metrics."""
    match analysis:
        case Language():
            return {analysis.code: 1}
        case Entities():
            kinds: dict[str, int] = {}
            for entity in analysis.items:
                kinds[entity.type] = kinds.get(entity.type, 0) + 1
            return kinds
        case Sentiment():
            return {analysis.label: 1}
        case NotAnalysed():
            return {}
    return {}
