"""The stories as a task: enriched articles in, records of `articles.stories` and of the state topic out."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np

from agents.stories.fingerprint import Encode, Fingerprint, fingerprint
from agents.stories.stories import Stories
from streams.records import Article, Entities, Story
from streams.task import Decided

# The version of the state's form. Another one is refused, not guessed at.
FORM = 1


class _State(msgspec.Struct, frozen=True, array_like=True):
    """A record of the state topic, in MessagePack.

    Attributes:
        time_ms: the time at which the broker got the enriched record.
        sketch, terms: 32-bit numbers, little-endian.
        embedding: bytes with a sign.
    """

    form: int
    time_ms: int
    decision: Story
    digest: int
    sketch: bytes
    terms: bytes
    language: str
    embedding: bytes


_state_encoder, _state_decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(_State)
_value_encoder = msgspec.json.Encoder()


class StoryDecider:
    """Decides about enriched records.

    Args:
        window_ms: milliseconds that an article stays in the window.
        memory: bytes for the articles of the window.
        encode: embeds a text, for stories in several languages; None where there is no encoder.
        dimensions: of the encoder's vectors.
    """

    def __init__(self, window_ms: int, memory: int, encode: Encode | None = None, dimensions: int = 0) -> None:
        self._window_ms, self._encode = window_ms, encode
        self._stories = Stories(window_ms, memory, dimensions)

    def decide(self, article: Article, time_ms: int) -> Decided | None:
        """See `streams.sequential.decider.Decider`."""
        if article.id in self._stories:
            return None
        entities = article.entities if isinstance(article.entities, Entities) else None
        kept = fingerprint(article.title or "", article.text, article.language or "", entities, self._encode)
        decision = self._stories.decide(article.id, time_ms, kept)
        state = _State(
            FORM,
            time_ms,
            decision,
            kept.digest,
            kept.sketch.astype("<u4").tobytes(),
            kept.terms.astype("<u4").tobytes(),
            kept.language,
            kept.embedding.tobytes(),
        )
        return Decided(article.id, _value_encoder.encode(decision), _state_encoder.encode(state), decision.relation)

    def restore(self, state: bytes) -> None:
        """See `streams.sequential.decider.Decider`."""
        record = _decoded(state)
        if record.decision.id in self._stories:
            return
        kept = Fingerprint(
            digest=record.digest,
            sketch=np.frombuffer(record.sketch, "<u4"),
            terms=np.frombuffer(record.terms, "<u4"),
            language=record.language,
            embedding=np.frombuffer(record.embedding, np.int8),
        )
        self._stories.restore(record.decision, record.time_ms, kept)

    def begin_of_state(self, newest: bytes) -> int:
        """See `streams.sequential.decider.Decider`."""
        return _decoded(newest).time_ms - self._window_ms

    def gauges(self) -> Mapping[str, float]:
        """See `agents.stories.agent`."""
        return {
            "telex_stories_window_articles": len(self._stories),
            "telex_stories_window_stories": self._stories.stories,
            "telex_stories_window_capacity": self._stories.capacity,
            "telex_stories_window_seconds": self._stories.span_ms / 1000,
        }


def _decoded(state: bytes) -> _State:
    """Raises ValueError for bytes that are no state of this form."""
    try:
        record = _state_decoder.decode(state)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None
    if record.form != FORM:
        raise ValueError(f"it has the form {record.form}, and this version reads {FORM}")
    return record
