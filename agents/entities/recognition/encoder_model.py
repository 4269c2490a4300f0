"""The entities that Telex's encoder finds."""

from __future__ import annotations

from collections.abc import Sequence

from agents.encoder.encoder import encoder
from agents.entities.recognition.chunking import chunks
from agents.entities.recognition.model_span import ModelSpan

# Code points of a text that the encoder reads, some 15,000 words. A record may have 4 MiB, and the encoder would take
# minutes for it: longer than an analysis may take. The names of this part are found in the rest too.
LONGEST_READ = 100_000


class EncoderModel:
    """Telex's encoder as a model of the entities stage. Raises TelexError when it cannot be read."""

    def __init__(self) -> None:
        self._encoder = encoder()

    def spans(self, texts: Sequence[str], language: str) -> list[list[ModelSpan]]:
        """The entities in each text of one article, whatever its language."""
        return [
            [
                ModelSpan(start + name.start, start + name.end, name.kind, name.confidence)
                for start, end in chunks(text[:LONGEST_READ])
                for name in self._encoder.names(text[start:end])
            ]
            for text in texts
        ]
