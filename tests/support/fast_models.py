"""The models of TELEX_FAST in a part of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agents.entities.recognition import ner
from agents.sentiment import analyser as sentiment


@contextmanager
def fast_models() -> Iterator[None]:
    """Within this context the stages use the models of TELEX_FAST."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TELEX_FAST", "1")
        _forget_settings()
        yield
    _forget_settings()


def _forget_settings() -> None:
    ner.packages.cache_clear()
    sentiment.models.cache_clear()
